using L2R.Scoring.Domain;

namespace L2R.Scoring.Storage;

/// <summary>What became of a wish to store or activate a policy.</summary>
abstract record PolicyOutcome
{
    PolicyOutcome() { }

    /// <summary>The policy as it is now: changed, or as an earlier try of the same request left it.</summary>
    public sealed record Done(ScoringPolicy Policy) : PolicyOutcome;

    public sealed record NotFound : PolicyOutcome;

    public sealed record EtagStale : PolicyOutcome;

    public sealed record NotDraft(PolicyState State) : PolicyOutcome;

    public sealed record RequestIdReused : PolicyOutcome;
}
