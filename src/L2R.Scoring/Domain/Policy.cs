namespace L2R.Scoring.Domain;

/// <summary>What the rules ask for; the decisions follow from these alone.</summary>
/// <param name="Threshold">The score that makes an MQL, 1 or more.</param>
public sealed record PolicyRules(int Threshold, IReadOnlyList<FitRule> FitRules, IReadOnlyList<EngagementRule> EngagementRules)
{
    /// <summary>The most that the rules can give: a threshold above it is never reached.</summary>
    public long MostPoints =>
        FitRules.Sum(rule => Math.Max(0L, rule.Points)) + EngagementRules.Sum(rule => Math.Max(0L, rule.Points) * rule.MaxTouchCount);
}

/// <summary>Points for who the lead is.</summary>
/// <param name="Name">Unique within the policy.</param>
/// <param name="Points">-1000 to 1000, not 0.</param>
public sealed record FitRule(string Name, int Points, FitCondition Condition);

/// <summary>When a fit rule matches. What is unknown matches nothing.</summary>
public abstract record FitCondition
{
    FitCondition() { }

    /// <param name="Values">Compared exactly.</param>
    public sealed record OneOf(LeadField Field, IReadOnlyList<string> Values) : FitCondition;

    /// <param name="Min">Inclusive, 1 or more.</param>
    /// <param name="Max">Inclusive; null without limit.</param>
    public sealed record Employees(int Min, int? Max) : FitCondition;
}

public enum LeadField
{
    Channel,
    Source,
    Campaign,
    Segment,
    RegionCode,
    Industry,
    JobLevel,
    Product,
}

/// <summary>Points for touches of engagement.</summary>
/// <param name="Name">Unique within the policy.</param>
/// <param name="Points">For each touch: -1000 to 1000, not 0.</param>
/// <param name="Kinds">The kinds of touch that count.</param>
/// <param name="MaxTouchCount">At most this many touches of a journey count, 1 to 1000.</param>
public sealed record EngagementRule(string Name, int Points, IReadOnlyList<string> Kinds, int MaxTouchCount);

/// <summary>What a policy states besides its rules.</summary>
public sealed record PolicyHeader
{
    public required string DisplayName { get; init; }

    /// <summary>A role or team that answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>Why this version differs from the one before.</summary>
    public required string Reason { get; init; }

    public string Scope { get; init; } = "";
    public string OutOfScope { get; init; } = "";
    public string TradeOff { get; init; } = "";
    public string IncompleteData { get; init; } = "";
    public string ReviewCadence { get; init; } = "";
    public string ReevaluationTriggers { get; init; } = "";
}

public enum PolicyState
{
    Draft,
    Active,
    Retired,
}

/// <summary>A stored version of the policy.</summary>
public sealed record ScoringPolicy
{
    public required Guid Id { get; init; }

    /// <summary>From 1 within the tenant.</summary>
    public required int Version { get; init; }

    public required PolicyState State { get; init; }
    public required PolicyHeader Header { get; init; }
    public required PolicyRules Rules { get; init; }
    public required DateTimeOffset CreateTime { get; init; }
    public DateTimeOffset? ActivateTime { get; init; }
    public DateTimeOffset? RetireTime { get; init; }

    /// <summary>Starts at 1 and grows by one when the state changes.</summary>
    public required long Revision { get; init; }
}

/// <summary>What happens when a version is asked to decide.</summary>
public abstract record ActivationDecision
{
    ActivationDecision() { }

    public sealed record Accepted(ScoringPolicy Activated, ScoringPolicy Retired) : ActivationDecision;

    public sealed record NotDraft(PolicyState State) : ActivationDecision;

    /// <param name="active">The version that decides now.</param>
    public static ActivationDecision Decide(ScoringPolicy wanted, ScoringPolicy active, DateTimeOffset now) =>
        wanted.State == PolicyState.Draft
            ? new Accepted(
                wanted with { State = PolicyState.Active, ActivateTime = now, Revision = wanted.Revision + 1 },
                active with { State = PolicyState.Retired, RetireTime = now, Revision = active.Revision + 1 })
            : new NotDraft(wanted.State);
}
