using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>Journeys made for a worked example.</summary>
static class Walks
{
    public static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One lead that enters each stage when it is said, in days since <paramref name="at"/>.</summary>
    public static JourneyFacts Of(DateTimeOffset at, DateTimeOffset asOf, string? segment, decimal? amount, params (Stage To, double Day)[] moves)
    {
        var lead = Guid.NewGuid();
        return Fold.Lead(
            moves.Select((move, index) => new Transition
            {
                TransitionId = Guid.NewGuid(),
                LeadId = lead,
                JourneyId = lead,
                To = move.To,
                OccurredAt = at.AddDays(move.Day),
                RecordedAt = at,
                SourceSeq = index,
                Amount = move.To == Stage.ClosedWon ? amount : null,
                Currency = move.To == Stage.ClosedWon && amount is not null ? "EUR" : null,
                Dimensions = new() { Segment = segment },
            }),
            asOf,
            asOf).Single();
    }

    public static IEnumerable<JourneyFacts> Times(this int count, Func<JourneyFacts> journey) => Enumerable.Range(0, count).Select(_ => journey());
}
