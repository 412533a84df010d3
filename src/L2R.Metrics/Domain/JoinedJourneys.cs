namespace L2R.Metrics.Domain;

/// <summary>Makes one of the journeys of a merged lead that overlap.</summary>
static class JoinedJourneys
{
    /// <summary>
    /// A journey's span is from its first row to the instant since which it is ended or won, whatever comes later as_of: open, it has no end.
    /// Two journeys of different leads overlap where an instant lies in both spans, ends included. Two of one lead were two before and
    /// stay two, unless one of another lead overlaps both.
    /// </summary>
    /// <param name="journeys">The rows in force of each journey, in the ledger's order; the journeys by their first rows.</param>
    /// <returns>The same for what they are now.</returns>
    public static List<List<Transition>> Of(IEnumerable<List<Transition>> journeys)
    {
        List<(List<Transition> Rows, Dictionary<Guid, DateTimeOffset> Ends)> joined = [];
        foreach (var journey in journeys)
        {
            var (lead, start) = (journey[0].LeadId, journey[0].OccurredAt);
            var overlapping = joined.FindAll(other => other.Ends.Any(end => end.Key != lead && end.Value >= start)); // each began before
            List<Transition> rows = [.. overlapping.SelectMany(other => other.Rows), .. journey];
            var ends = overlapping.SelectMany(other => other.Ends).Append(new(lead, EndOf(journey)))
                .GroupBy(end => end.Key, end => end.Value).ToDictionary(end => end.Key, end => end.Max());
            joined.RemoveAll(overlapping.Contains);
            joined.Add((rows, ends));
        }
        foreach (var (rows, _) in joined)
        {
            rows.Sort(Transition.Order);
        }
        return [.. joined.Select(journey => journey.Rows).OrderBy(rows => rows[0], Transition.Order)];
    }

    static DateTimeOffset EndOf(List<Transition> journey)
    {
        var walk = new JourneyWalk(DateTimeOffset.MaxValue);
        foreach (var row in journey)
        {
            walk.Add(row, Dimensions.None);
        }
        return walk.EndedAt ?? DateTimeOffset.MaxValue;
    }
}
