using L2R.Ledger.Domain;

namespace L2R.Opportunity.Domain;

/// <summary>What a caller says of a deal; every rule on its own fields holds.</summary>
public sealed record DealDetails
{
    public string DisplayName { get; init; } = "";

    /// <summary>Of the pipeline. Empty on imported deals.</summary>
    public string Stage { get; init; } = "";

    /// <summary>In <see cref="Currency"/>, at most 9 decimal places. Null while unknown.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217, such as <c>EUR</c>. Null until an amount is known; set wherever there is one.</summary>
    public string? Currency { get; init; }

    public DateOnly? ExpectedCloseDate { get; init; }

    /// <summary>An id. Empty: nobody.</summary>
    public string Owner { get; init; } = "";

    public string Product { get; init; } = "";
}

/// <summary>A stored opportunity. "Deal" in code, where "opportunity" is already a service, a stage and a namespace.</summary>
public sealed record Deal
{
    public required Guid Id { get; init; }
    public required Guid JourneyId { get; init; }
    public required Guid LeadId { get; init; }
    public required DealDetails Details { get; init; }
    public required DealState State { get; init; }

    /// <summary>When it was opened, or opened again.</summary>
    public required DateTimeOffset OpenTime { get; init; }

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? CloseTime { get; init; }

    public string CloseReason { get; init; } = "";

    /// <summary>It is history: nobody changes it live.</summary>
    public required bool Imported { get; init; }

    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }
}

public enum DealState
{
    Open,
    Won,
    Lost,

    /// <summary>Another deal of the journey took its place.</summary>
    Superseded,
}

/// <summary>Where a journey stands, as far as this service knows.</summary>
/// <param name="SourceSeq">Of the row that brought it there.</param>
public sealed record JourneyPosition(Guid JourneyId, Guid LeadId, Stage Stage, DateTimeOffset OccurTime, long SourceSeq)
{
    /// <summary>Where it stood when the exit that it stands in was taken. Null in a stage, and in an exit of another service that did not say.</summary>
    public Stage? ExitFrom { get; init; }
}

/// <summary>One row that this service adds to a journey.</summary>
public sealed record StageMove(Stage From, Stage To, DateTimeOffset OccurTime, long SourceSeq, string Reason);
