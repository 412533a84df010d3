using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Type.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Owners;

/// <summary>A row of history that may be stored: its fields and its move are in order.</summary>
public sealed record ImportedRow
{
    /// <summary>In the caller's file, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Identifies the row in its source.</summary>
    public required Guid KeyId { get; init; }

    /// <summary>Identifies the row in the ledger: the key's id, unless the import corrects.</summary>
    public required Guid TransitionId { get; init; }

    /// <summary>What the row says, as a hash: without its line, and without <c>from</c>, which is derived.</summary>
    public required Guid Content { get; init; }

    /// <summary>The ledger's row that this one corrects; null for a new key, unless the import corrects: another owner may have had it.</summary>
    public Guid? Supersedes { get; init; }

    /// <summary>The source's key of the lead, its external id.</summary>
    public required string LeadKey { get; init; }

    public required Guid LeadId { get; init; }
    public required Guid JourneyId { get; init; }

    /// <summary>Null where the source knows none.</summary>
    public Guid? OpportunityId { get; init; }

    public required Stage? From { get; init; }

    /// <summary>Null withdraws.</summary>
    public required Stage? To { get; init; }

    public required DateTimeOffset OccurTime { get; init; }
    public required long SourceSeq { get; init; }
    public required string Actor { get; init; }
    public required string Reason { get; init; }
    public Money? Amount { get; init; }
    public required Dimensions Dimensions { get; init; }

    /// <summary>The row as the ledger is told of it.</summary>
    public StageChanged ToStageChanged() => new()
    {
        TransitionId = TransitionId.ToString("D"),
        Lead = $"leads/{LeadId:D}",
        Journey = $"journeys/{JourneyId:D}",
        Opportunity = OpportunityId is { } opportunity ? $"opportunities/{opportunity:D}" : "",
        From = From.ToProto(),
        To = To.ToProto(),
        OccurTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(OccurTime),
        SourceSeq = SourceSeq,
        Origin = L2R.Ledger.V1.Origin.Import,
        Actor = Actor,
        Reason = Reason,
        Amount = Amount,
        Supersedes = Supersedes?.ToString("D") ?? "",
        Dimensions = Dimensions,
    };
}
