using System.Runtime.InteropServices;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>How a journey came to be at a stage or beyond it: R_k.</summary>
/// <param name="At">The earliest entry over the stages from k on.</param>
/// <param name="By">The stage that this entry is of. Another than k: reaching k is inferred.</param>
/// <param name="Values">As known at that entry.</param>
public readonly record struct Reached(DateTimeOffset At, Stage By, Dimensions Values);

/// <summary>One time that a journey stood in a stage or an exit.</summary>
/// <param name="Left">Null while it stands there.</param>
/// <param name="Values">As known at the entering row.</param>
public readonly record struct Stay(Stage Stage, DateTimeOffset Entered, DateTimeOffset? Left, Dimensions Values)
{
    public Guid? OpportunityId { get; init; }

    /// <summary>Of the entering row, in <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    /// <summary>Of the row of an exit: why. Null where it does not say.</summary>
    public string? Reason { get; init; }

    /// <summary>When the ledger learnt of the entering row.</summary>
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>Recorded after the instant that the fold looks at: as reported, it was not known.</summary>
    public bool IsLate { get; init; }

    /// <summary>Of the entering row.</summary>
    public Origin Origin { get; init; }

    /// <summary>Whether the journey came to stand there. Not by an entry after a win: that is left at the instant at which it is entered.</summary>
    public bool Stood { get; init; }
}

/// <summary>A row whose publisher believed the journey to stand elsewhere than the ledger's order has it.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Values">As known at the row.</param>
public readonly record struct Mismatch(DateTimeOffset At, Dimensions Values);

/// <summary>An opportunity that was lost while its journey stayed where it was: beside an open or a won one.</summary>
/// <param name="StaysBefore">How many entries come before the row in the ledger's order.</param>
/// <param name="At">When it was lost.</param>
/// <param name="Values">As known at the row.</param>
/// <param name="OpportunityId">Null where the row does not say.</param>
/// <param name="Amount">Of the row, in <paramref name="Currency"/>.</param>
public readonly record struct LossBeside(int StaysBefore, DateTimeOffset At, Dimensions Values, Guid? OpportunityId, decimal? Amount, string? Currency);

/// <summary>What one journey's rows say, as of an instant and as known at one. Made by <see cref="Fold"/>.</summary>
public sealed class JourneyFacts
{
    readonly Reached?[] _reached;
    readonly List<Stay> _stays;
    readonly int _standing;

    internal JourneyFacts(Reached?[] reached, List<Stay> stays, int standing)
    {
        (_reached, _stays, _standing) = (reached, stays, standing);
    }

    public required Guid LeadId { get; init; }

    public required Guid JourneyId { get; init; }

    /// <summary>Of a journey that merges made of several, the id of each; out of columns none are told.</summary>
    public IReadOnlyList<Guid> Parts { get; init; } = [];

    /// <summary>1 for the lead's first journey, by the journeys' first rows.</summary>
    public required int Number { get; init; }

    /// <summary>Whether no journey of the lead has a higher number.</summary>
    public required bool IsLatest { get; init; }

    /// <summary>The values of the journey's first row.</summary>
    public required Dimensions Origin { get; init; }

    /// <summary>The values as last known.</summary>
    public required Dimensions Current { get; init; }

    /// <summary>In the ledger's order.</summary>
    public required IReadOnlyList<Mismatch> Mismatches { get; init; }

    /// <summary>In the ledger's order.</summary>
    public required IReadOnlyList<LossBeside> LossesBeside { get; init; }

    /// <summary>Whether a row in force entered nothing, so that <see cref="Stays"/> does not tell of it; out of columns, at whatever instant.</summary>
    public required bool HasOtherRows { get; init; }

    /// <summary>Every entry, in the ledger's order. An opportunity lost beside an open or a won one is none.</summary>
    public IReadOnlyList<Stay> Stays => _stays;

    /// <summary>The same where they lie: for loops that every journey goes through.</summary>
    public ReadOnlySpan<Stay> StaySpan => CollectionsMarshal.AsSpan(_stays);

    public Stage Stands => Stays[_standing].Stage;

    /// <summary>When the exit was taken that stands. Null while the journey is open, or won.</summary>
    public DateTimeOffset? EndedAt => Stands.IsExit() ? Stays[_standing].Entered : null;

    /// <summary>The stage of the first entry. Null where all that is known of the journey is its exit.</summary>
    public Stage? StartedAt => _reached[0]?.By;

    /// <summary>R_k.</summary>
    /// <param name="stage">A stage, no exit.</param>
    /// <returns>Null where the journey did not come so far.</returns>
    public Reached? Reach(Stage stage) => _reached[(int)stage];

    /// <summary>Whether the row that gives R_k enters another stage than k, also if k is entered later.</summary>
    public bool IsInferred(Stage stage) => _reached[(int)stage] is { } reached && reached.By != stage;

    /// <summary>The journey's own first entry of a stage, inferred or not.</summary>
    public DateTimeOffset? FirstEntry(Stage stage) => IndexOf(stage) is var index and >= 0 ? Stays[index].Entered : null;

    /// <summary>Whether its own entry of the later stage comes before that of the earlier one.</summary>
    public bool IsOutOfOrder(Stage earlier, Stage later)
    {
        var first = IndexOf(later);
        return first >= 0 && first < IndexOf(earlier);
    }

    /// <summary>Whether any two stages were first entered against their order.</summary>
    public bool IsAnyOutOfOrder
    {
        get
        {
            var previous = -1;
            foreach (var stage in Stages.Waterfall)
            {
                if (IndexOf(stage) is var index and >= 0)
                {
                    if (index < previous)
                    {
                        return true;
                    }
                    previous = index;
                }
            }
            return false;
        }
    }

    int IndexOf(Stage stage)
    {
        var stays = StaySpan;
        for (var index = 0; index < stays.Length; index++)
        {
            if (stays[index].Stage == stage)
            {
                return index;
            }
        }
        return -1;
    }
}
