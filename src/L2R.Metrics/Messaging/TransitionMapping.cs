using Google.Protobuf.Collections;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using L2R.Type.V1;
using Dimensions = L2R.Metrics.Domain.Dimensions;

namespace L2R.Metrics.Messaging;

/// <summary>Between the rows of the bus and those of the ledger.</summary>
static class TransitionMapping
{
    /// <exception cref="InvalidOperationException">The row breaks the contract: it goes to the error queue with this cause.</exception>
    public static Transition ToTransition(StageChanged change, DateTimeOffset now)
    {
        var occurredAt = change.OccurTime?.ToDateTimeOffset().ToStorable() ?? throw Broken("has no occur_time");
        if (occurredAt > now + Fields.ClockTolerance)
        {
            throw Broken($"happened at {occurredAt:O}, more than {Fields.ClockTolerance.TotalMinutes:0} minutes from now");
        }
        return new Transition
        {
            TransitionId = Guid.TryParseExact(change.TransitionId, "D", out var id) ? id : throw Broken("has no valid id"),
            LeadId = Id(change.Lead, "leads"),
            JourneyId = Id(change.Journey, "journeys"),
            OpportunityId = change.Opportunity.Length == 0 ? null : Id(change.Opportunity, "opportunities"),
            From = change.From.ToDomain(),
            To = change.To.ToDomain(),
            OccurredAt = occurredAt,
            RecordedAt = now,
            SourceSeq = change.SourceSeq,
            Origin = change.Origin == L2R.Ledger.V1.Origin.Import ? Ledger.Domain.Origin.Import : Ledger.Domain.Origin.Live,
            Actor = change.Actor,
            Reason = change.Reason,
            PolicyVersion = Known(change.PolicyVersion),
            Score = change.HasScore ? change.Score : null,
            Amount = change.Amount?.ToDecimal(),
            Currency = change.Amount?.CurrencyCode,
            Supersedes = change.Supersedes.Length == 0 ? null
                : Guid.TryParseExact(change.Supersedes, "D", out var superseded) ? superseded : throw Broken("supersedes no valid id"),
            Dimensions = change.Dimensions is { } dimensions ? ToDomain(dimensions) : Dimensions.None,
        };

        Guid Id(string name, string collection) =>
            Fields.TryParseName(name, collection, out var parsed) ? parsed : throw Broken($"names '{name}' where {collection}/{{uuid}} is due");

        InvalidOperationException Broken(string problem) => new($"Row '{change.TransitionId}' {problem}.");
    }

    public static StageChanged ToProto(Transition row)
    {
        var change = new StageChanged
        {
            TransitionId = row.TransitionId.ToString("D"),
            Lead = $"leads/{row.LeadId:D}",
            Journey = $"journeys/{row.JourneyId:D}",
            Opportunity = row.OpportunityId is { } opportunity ? $"opportunities/{opportunity:D}" : "",
            From = row.From.ToProto(),
            To = row.To.ToProto(),
            OccurTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(row.OccurredAt),
            SourceSeq = row.SourceSeq,
            Origin = row.Origin == Ledger.Domain.Origin.Import ? L2R.Ledger.V1.Origin.Import : L2R.Ledger.V1.Origin.Live,
            Actor = row.Actor,
            Reason = row.Reason,
            PolicyVersion = row.PolicyVersion ?? "",
            Amount = row.Amount is { } amount ? amount.ToMoney(row.Currency!) : null,
            Supersedes = row.Supersedes?.ToString("D") ?? "",
            Dimensions = new L2R.Ledger.V1.Dimensions
            {
                Channel = row.Dimensions.Channel ?? "",
                Source = row.Dimensions.Source ?? "",
                Campaign = row.Dimensions.Campaign ?? "",
                Segment = row.Dimensions.Segment ?? "",
                Region = row.Dimensions.Region ?? "",
                Owner = row.Dimensions.Owner ?? "",
                Team = row.Dimensions.Team ?? "",
                Product = row.Dimensions.Product ?? "",
                Motion = row.Dimensions.Motion ?? "",
                Custom = { row.Dimensions.Custom.ToDictionary() },
            },
        };
        if (row.Score is { } score)
        {
            change.Score = score;
        }
        return change;
    }

    static Dimensions ToDomain(L2R.Ledger.V1.Dimensions dimensions) => new()
    {
        // Intake writes `unknown` where nobody said: the ledger's word for that is no value.
        Channel = dimensions.Channel == "unknown" ? null : Known(dimensions.Channel),
        Source = Known(dimensions.Source),
        Campaign = Known(dimensions.Campaign),
        Segment = Known(dimensions.Segment),
        Region = Known(dimensions.Region),
        Owner = Known(dimensions.Owner),
        Team = Known(dimensions.Team),
        Product = Known(dimensions.Product),
        Motion = Known(dimensions.Motion),
        Custom = ToDomain(dimensions.Custom),
    };

    /// <summary>The tenant's own values; an empty one is unknown.</summary>
    public static IReadOnlyDictionary<string, string> ToDomain(MapField<string, string> custom) =>
        custom.Count == 0 ? Dimensions.NoCustom : custom.Where(pair => pair.Value.Length > 0).ToDictionary();

    /// <returns>Null for the empty text, which is how the bus says unknown.</returns>
    public static string? Known(string text) => text.Length == 0 ? null : text;
}
