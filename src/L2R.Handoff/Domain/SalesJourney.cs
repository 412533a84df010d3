using L2R.Ledger.Domain;

namespace L2R.Handoff.Domain;

/// <summary>Where a journey stands, as far as Handoff knows.</summary>
/// <param name="SourceSeq">Of the row that brought it there.</param>
public readonly record struct JourneyPosition(Stage Stage, DateTimeOffset OccurTime, long SourceSeq);

/// <summary>What the journey's rows say of it, for grouping. Empty means unknown.</summary>
public sealed record Traits
{
    public string Channel { get; init; } = "";
    public string Source { get; init; } = "";
    public string Campaign { get; init; } = "";
    public string Segment { get; init; } = "";
    public string Region { get; init; } = "";
    public string Product { get; init; } = "";
    public string Motion { get; init; } = "";

    /// <summary>These, with what is unknown taken from <paramref name="others"/>.</summary>
    public Traits Or(Traits others) => new()
    {
        Channel = Known(Channel, others.Channel),
        Source = Known(Source, others.Source),
        Campaign = Known(Campaign, others.Campaign),
        Segment = Known(Segment, others.Segment),
        Region = Known(Region, others.Region),
        Product = Known(Product, others.Product),
        Motion = Known(Motion, others.Motion),
    };

    static string Known(string one, string other) => one.Length > 0 ? one : other;
}

/// <summary>The rep who has a journey.</summary>
/// <param name="Team">The rep's team now; empty when unknown.</param>
public sealed record Assignee(Guid RepId, string Team);

/// <summary>A journey as Handoff knows it: heard of, and perhaps in the hands of sales.</summary>
public sealed record SalesJourney
{
    public required Guid JourneyId { get; init; }
    public required Guid LeadId { get; init; }
    public required JourneyPosition Position { get; init; }
    public Traits Traits { get; init; } = new();

    /// <summary>Null while it waits in the queue, and where whoever accepted it is no rep.</summary>
    public Assignee? Owner { get; init; }

    /// <summary>When it came to sales. Null: it has not; it stands in LEAD, or left from there.</summary>
    public DateTimeOffset? QueueTime { get; init; }

    /// <summary>Null without an owner.</summary>
    public DateTimeOffset? AssignTime { get; init; }

    public DateTimeOffset? AcceptTime { get; init; }
    public DateTimeOffset? QualifyTime { get; init; }
    public Qualification? Qualification { get; init; }

    /// <summary>Where it stood when Handoff took the exit that it stands in. Null in a stage, and in an exit that another service took.</summary>
    public Stage? ExitFrom { get; init; }

    /// <summary>It is history: nobody moves it live.</summary>
    public bool Imported { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }

    public Stage Stage => Position.Stage;

    /// <summary>Sales works on it.</summary>
    public bool IsOpen => QueueTime is not null && Stage is Stage.Mql or Stage.Sal or Stage.Sql;
}
