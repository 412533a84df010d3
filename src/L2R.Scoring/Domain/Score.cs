using L2R.Ledger.Domain;

namespace L2R.Scoring.Domain;

/// <summary>A stored score.</summary>
public sealed record Score
{
    public required Guid JourneyId { get; init; }
    public required Guid LeadId { get; init; }
    public required int Points { get; init; }

    /// <summary>Of the policy version that made the score.</summary>
    public required int Threshold { get; init; }

    public required int PolicyVersion { get; init; }
    public required ScoreState State { get; init; }

    /// <summary>What each rule gave, by policy version: the newest version first, within it in the order of the policy.</summary>
    public required IReadOnlyList<(int PolicyVersion, Contribution Contribution)> Contributions { get; init; }

    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }
    public DateTimeOffset? QualifyTime { get; init; }

    /// <param name="stage">Where the journey stands.</param>
    public static ScoreState StateOf(Stage stage, DateTimeOffset? qualifyTime) =>
        qualifyTime is not null ? ScoreState.Qualified
        : stage == Stage.Lead ? ScoreState.Open
        : ScoreState.Ended;
}

public enum ScoreState
{
    /// <summary>It counts on.</summary>
    Open,

    /// <summary>It made the journey an MQL.</summary>
    Qualified,

    /// <summary>The journey went on or ended without it.</summary>
    Ended,
}
