namespace L2R.Metrics.Domain;

/// <summary>Turns a lead's rows into what they say of its journeys.</summary>
public static class Fold
{
    /// <summary>Folds the rows of one lead.</summary>
    /// <param name="rows">Every row of the lead and of those that are merged into it, in any order, also those that were superseded.</param>
    /// <param name="asOf">A: rows that occurred later are left out.</param>
    /// <param name="knownAt">K: rows that were recorded later are left out, and what they supersede is in force.</param>
    /// <param name="lead">What Intake last said of the lead by K; null when it never changed: then its rows say it.</param>
    /// <param name="survivor">The lead that the rows of several are counted for. Null where all rows are of one, and it is merged into none.</param>
    /// <returns>The lead's journeys in the order of their numbers. A journey without a row in force is not there.</returns>
    public static IReadOnlyList<JourneyFacts> Lead(
        IEnumerable<Transition> rows, DateTimeOffset asOf, DateTimeOffset knownAt, LeadVersion? lead = null, Guid? survivor = null)
    {
        var inForce = InForce(rows, knownAt);
        if (inForce.TrueForAll(row => row.JourneyId == inForce[0].JourneyId))
        {
            // Nearly every lead has one journey.
            return inForce.Count == 0 || inForce[0].OccurredAt > asOf ? [] : [Journey(inForce, asOf, lead, survivor, number: 1, isLatest: true)];
        }

        var journeys = inForce.GroupBy(row => row.JourneyId).Select(journey => journey.ToList());
        List<List<Transition>> begun = [.. (survivor is null ? journeys : JoinedJourneys.Of(journeys)).Where(journey => journey[0].OccurredAt <= asOf)];
        return [.. begun.Select((journey, index) => Journey(journey, asOf, lead, survivor, number: index + 1, isLatest: index == begun.Count - 1))];
    }

    /// <summary>The rows recorded by K that no row recorded by K supersedes, in their order. A superseded row never returns.</summary>
    static List<Transition> InForce(IEnumerable<Transition> rows, DateTimeOffset knownAt)
    {
        List<Transition> inForce = [];
        HashSet<Guid>? superseded = null; // nearly no lead has any
        foreach (var row in rows)
        {
            if (row.RecordedAt <= knownAt)
            {
                inForce.Add(row);
                if (row.Supersedes is { } id)
                {
                    (superseded ??= []).Add(id);
                }
            }
        }
        if (superseded is not null)
        {
            inForce.RemoveAll(row => row.To is null || superseded.Contains(row.TransitionId));
        }
        inForce.Sort(Transition.Order);
        return inForce;
    }

    static JourneyFacts Journey(List<Transition> rows, DateTimeOffset asOf, LeadVersion? lead, Guid? survivor, int number, bool isLatest)
    {
        var walk = new JourneyWalk(asOf);
        var parts = survivor is not null && rows.Exists(row => row.JourneyId != rows[0].JourneyId) ? new Dictionary<Guid, JourneyWalk>() : null;
        var values = Dimensions.None;
        foreach (var row in rows)
        {
            values = OwnValues(row).Over(values);
            if (row.OccurredAt <= asOf)
            {
                walk.Add(row, values, parts is not null && IsOpenAfter(row));
            }
        }

        var first = rows[0];
        // A lead that is merged into another one fills in what the other does not say. It never overrules it, however late its rows are.
        var own = parts is null ? values : rows.Where(row => row.LeadId == survivor).Aggregate(values, (earlier, row) => OwnValues(row).Over(earlier));
        return new JourneyFacts(walk.Reached, walk.Stays, walk.Standing)
        {
            LeadId = survivor ?? first.LeadId,
            JourneyId = first.JourneyId,
            Parts = parts is null ? [] : [.. rows.Select(row => row.JourneyId).Distinct()],
            Number = number,
            IsLatest = isLatest,
            Origin = OwnValues(first),
            Current = lead is not null
                ? values with { Segment = lead.Segment, Region = lead.Region, Custom = Dimensions.Over(lead.Custom, own.Custom) }
                : parts is null ? values : values with { Segment = own.Segment, Region = own.Region, Custom = own.Custom },
            Mismatches = parts is null ? walk.Mismatches : [.. parts.Values.SelectMany(part => part.Mismatches)], // each owner knew its own journey alone
            LossesBeside = walk.LossesBeside,
            HasOtherRows = walk.HasOtherRows,
        };

        bool IsOpenAfter(Transition row)
        {
            if (!parts.TryGetValue(row.JourneyId, out var part))
            {
                parts.Add(row.JourneyId, part = new JourneyWalk(asOf));
            }
            part.Add(row, values);
            return parts.Values.Any(other => other.EndedAt is null);
        }
    }

    static Dimensions OwnValues(Transition row) =>
        row.PolicyVersion is null ? row.Dimensions : row.Dimensions with { PolicyVersion = row.PolicyVersion };
}
