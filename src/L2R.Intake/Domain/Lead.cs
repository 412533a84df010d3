using L2R.Ledger.Domain;

namespace L2R.Intake.Domain;

/// <summary>Who the lead is: all that is personal.</summary>
public sealed record Person
{
    public EmailAddress? Email { get; init; }
    public string GivenName { get; init; } = "";
    public string FamilyName { get; init; } = "";
    public string Phone { get; init; } = "";
    public string Company { get; init; } = "";
}

/// <summary>What scoring and grouping know of a lead. Empty and 0 mean unknown.</summary>
public sealed record Profile
{
    public string Segment { get; init; } = "";
    public string RegionCode { get; init; } = "";
    public string Industry { get; init; } = "";
    public int EmployeeCount { get; init; }
    public string JobLevel { get; init; } = "";
    public string Product { get; init; } = "";
}

/// <summary>What a caller says of a lead; every rule on its own fields holds.</summary>
public sealed record LeadDetails
{
    /// <summary>Null when the caller's system has no key for it; then <see cref="Person.Email"/> is set.</summary>
    public string? ExternalId { get; init; }

    public Person Person { get; init; } = new();

    /// <summary>Kebab case, 1 to 63 characters.</summary>
    public string Channel { get; init; } = "unknown";

    public string Source { get; init; } = "";
    public string Campaign { get; init; } = "";
    public Profile Profile { get; init; } = new();

    /// <summary>The tenant's own dimensions by name.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = new Dictionary<string, string>();

    /// <summary>By every value: an update to what is so already is none.</summary>
    public bool Equals(LeadDetails? other) =>
        other is not null
        && (ExternalId, Person, Channel, Source, Campaign, Profile)
            == (other.ExternalId, other.Person, other.Channel, other.Source, other.Campaign, other.Profile)
        && Custom.Count == other.Custom.Count
        && Custom.All(own => other.Custom.TryGetValue(own.Key, out var value) && value == own.Value);

    public override int GetHashCode() => HashCode.Combine(ExternalId, Person, Channel, Source, Campaign, Profile, Custom.Count);
}

/// <summary>Where a journey stands, as far as Intake knows.</summary>
/// <param name="SourceSeq">Of the row that brought it there.</param>
/// <param name="Imported">It is history: nobody moves it live.</param>
public sealed record JourneyPosition(Guid JourneyId, Stage Stage, DateTimeOffset OccurTime, long SourceSeq, bool Imported)
{
    /// <summary>Where it stood when the exit that it stands in was taken. Null in a stage, and in an exit of another service that did not say.</summary>
    public Stage? ExitFrom { get; init; }
}

/// <summary>A lead is the same person as another one, under whose name it is counted.</summary>
public sealed record LeadMerge(Guid MergeId, Guid Survivor);

/// <summary>A stored lead.</summary>
public sealed record Lead
{
    public required Guid Id { get; init; }
    public required LeadDetails Details { get; init; }
    public required JourneyPosition Journey { get; init; }
    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }

    /// <summary>Null: it is nobody else.</summary>
    public LeadMerge? Merge { get; init; }

    public LeadState State => Journey.Stage switch
    {
        Stage.Recycled => LeadState.Nurture,
        Stage.ClosedWon => LeadState.Customer,
        var stage when stage.IsExit() => LeadState.Ended,
        _ => LeadState.Active,
    };
}

public enum LeadState
{
    Active,
    Nurture,
    Ended,
    Customer,
}

/// <summary>Something that a lead did, or that was done to reach it.</summary>
/// <param name="Engagement">The lead acted.</param>
public sealed record Touchpoint(
    Guid Id, Guid LeadId, string Kind, DateTimeOffset OccurTime, string Channel, string Campaign, bool Engagement)
{
    /// <summary>What this one touch cost, in <see cref="Currency"/>; not negative. Null: nobody said.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217. Null where there is no cost.</summary>
    public string? Currency { get; init; }
}

/// <summary>A past touch that may be stored.</summary>
/// <param name="Line">In the caller's file, from 1.</param>
/// <param name="KeyId">Identifies the row in its source.</param>
/// <param name="Content">What the row says, as a hash.</param>
/// <param name="Supersedes">The touch that this one corrects; null for a new key.</param>
public sealed record ImportedTouch(long Line, Guid KeyId, Guid Content, Touchpoint Touchpoint, Guid? Supersedes);
