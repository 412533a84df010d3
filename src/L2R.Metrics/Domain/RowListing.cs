namespace L2R.Metrics.Domain;

/// <summary>Which rows of the ledger are told one by one.</summary>
/// <param name="AsOf">Rows that occurred later are left out.</param>
/// <param name="KnownAt">Rows that were recorded later are left out, and what they supersede is in force.</param>
/// <param name="From">The first instant; null: since ever.</param>
/// <param name="To">The first instant after them; null: without end.</param>
/// <param name="WithSuperseded">Those that are not in force too.</param>
public sealed record RowListing(DateTimeOffset AsOf, DateTimeOffset KnownAt, DateTimeOffset? From, DateTimeOffset? To, bool WithSuperseded)
{
    /// <param name="lead">Every row of one lead, in any order.</param>
    /// <returns>
    /// Journey after journey in the order of their numbers, each in the ledger's order. Journeys of which every row is withdrawn come last.
    /// </returns>
    public IEnumerable<ListedRow> Of(IReadOnlyList<Transition> lead)
    {
        var known = lead.Where(row => row.RecordedAt <= KnownAt).ToList();
        var superseded = known.Select(row => row.Supersedes).ToHashSet();
        return known
            .Select(row => new ListedRow(row, row.To is not null && !superseded.Contains(row.TransitionId)))
            .GroupBy(row => row.Row.JourneyId)
            .Select(journey => journey.OrderBy(row => row.Row, Transition.Order).ToList())
            .OrderBy(journey => !journey.Exists(row => row.InForce))
            .ThenBy(journey => journey.Find(row => row.InForce).Row ?? journey[0].Row, Transition.Order)
            .SelectMany(journey => journey)
            .Where(row => (row.InForce || WithSuperseded) && Holds(row.Row.OccurredAt));
    }

    bool Holds(DateTimeOffset at) => at <= AsOf && !(at < From) && !(at >= To);
}

/// <summary>One row, and whether no row that is known supersedes it.</summary>
public readonly record struct ListedRow(Transition Row, bool InForce);
