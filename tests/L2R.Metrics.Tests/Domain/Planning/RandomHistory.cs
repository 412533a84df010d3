using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>A random ledger many times over, on one day after the other: figures that need many journeys have them.</summary>
sealed class RandomHistory
{
    readonly RandomCase _given;
    readonly Transition[][] _copies;

    public RandomHistory(RandomCase given, int days, int timesADay)
    {
        // Late enough that the copies have happened, and mostly late enough that all of them are known.
        _given = given.With(query => query with { AsOf = RandomCase.End, KnownAt = given.Rows.Count % 3 == 0 ? query.KnownAt : RandomCase.End });
        _copies = [.. Enumerable.Range(0, days * timesADay).Select(copy => given.Rows.Select(row => Copy(row, copy, TimeSpan.FromDays(copy % days))).ToArray())];
    }

    public WaterfallQuery Query => _given.Query;

    /// <summary>Merges are of the first copy's leads.</summary>
    public IEnumerable<JourneyFacts> Facts() => _given.FactsOf(_copies.SelectMany(rows => rows), _given.Query.AsOf, _given.Query.KnownAt);

    public List<NaiveJourney> Journeys() => [.. _copies.SelectMany(rows => new Naive(rows, _given.Query, _given.Merges).Journeys)];

    static Transition Copy(Transition row, int copy, TimeSpan later) => row with
    {
        TransitionId = Of(row.TransitionId, copy),
        LeadId = Of(row.LeadId, copy),
        JourneyId = Of(row.JourneyId, copy),
        OpportunityId = row.OpportunityId is { } opportunity ? Of(opportunity, copy) : null,
        Supersedes = row.Supersedes is { } superseded ? Of(superseded, copy) : null,
        OccurredAt = row.OccurredAt + later,
        RecordedAt = row.RecordedAt + later,
    };

    static Guid Of(Guid id, int copy)
    {
        var bytes = id.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(12), copy);
        return new(bytes);
    }
}
