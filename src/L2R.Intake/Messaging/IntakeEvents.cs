using Google.Protobuf.WellKnownTypes;
using L2R.Intake.Api;
using L2R.Intake.Domain;
using L2R.Intake.V1;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
using V1Origin = L2R.Ledger.V1.Origin;

namespace L2R.Intake.Messaging;

/// <summary>What Intake tells the others.</summary>
static class IntakeEvents
{
    /// <summary>What is known of a lead changed, and its journey stands where it stood.</summary>
    public static OutboxEvent Changed(string tenant, Domain.Lead lead) => Changed(tenant, [Row(lead, move: null)], lead.UpdateTime);

    /// <summary>Leads that came in, or whose journey was moved.</summary>
    /// <param name="moves">1 to 500, stored together.</param>
    public static IReadOnlyList<OutboxEvent> Moved(string tenant, IReadOnlyList<LeadMove> moves, DateTimeOffset now) =>
    [
        Changed(tenant, [.. moves.Select(moved => Row(moved.Lead, moved.Move))], now),
        MoveEvents.Live(Owner.Intake, tenant, moves.Select(moved => Row(moved, now)), now),
    ];

    /// <summary>A lead is the same person as another one, or is not after all.</summary>
    public static OutboxEvent Merged(string tenant, Guid loser, LeadMerge merge, bool isUndone, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new LeadsMerged
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Merges =
            {
                new LeadMerged
                {
                    MergeId = merge.MergeId.ToString("D"),
                    Loser = LeadMapping.Name(loser),
                    Survivor = LeadMapping.Name(merge.Survivor),
                    Undone = isUndone,
                },
            },
        });
    }

    static OutboxEvent Changed(string tenant, IReadOnlyList<LeadChanged> changes, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        var message = new LeadsChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Changes = { changes },
        };
        return OutboxEvent.Live(eventId, tenant, message, changes.All(change => change.Version == 1) ? "created" : "updated");
    }

    static LeadChanged Row(Domain.Lead lead, StageMove? move) => new()
    {
        Lead = LeadMapping.Name(lead.Id),
        Version = lead.Version,
        Channel = lead.Details.Channel,
        Source = lead.Details.Source,
        Campaign = lead.Details.Campaign,
        Profile = LeadMapping.ToProto(lead.Details.Profile),
        Custom = { lead.Details.Custom.ToDictionary() },
        Move = move is null ? null : new V1.LeadMove
        {
            Journey = LeadMapping.JourneyName(move.JourneyId),
            To = move.To.ToProto(),
            OccurTime = move.OccurTime.ToTimestamp(),
            SourceSeq = move.SourceSeq,
            Motion = move.Motion,
        },
    };

    static StageChanged Row(LeadMove moved, DateTimeOffset now)
    {
        var (lead, move, actor) = moved;
        var row = MoveEvents.Row(lead.Id, move.JourneyId, move.From, move.To, move.OccurTime, move.SourceSeq, actor, move.Reason, now);
        row.Dimensions = new Dimensions
        {
            Channel = lead.Details.Channel,
            Source = lead.Details.Source,
            Campaign = lead.Details.Campaign,
            Segment = lead.Details.Profile.Segment,
            Region = lead.Details.Profile.RegionCode,
            Product = lead.Details.Profile.Product,
            Motion = move.Motion,
            Custom = { lead.Details.Custom.ToDictionary() },
        };
        return row;
    }

    public static OutboxEvent Touched(string tenant, Domain.Touchpoint touchpoint, Guid? journeyId, DateTimeOffset now)
    {
        var message = Touched(tenant, now, [new()
        {
            Touchpoint = LeadMapping.ToProto(touchpoint),
            Journey = journeyId is { } journey ? LeadMapping.JourneyName(journey) : "",
            Origin = V1Origin.Live,
        }]);
        return OutboxEvent.Live(Guid.Parse(message.EventId), tenant, message, Word(touchpoint.Engagement));
    }

    /// <summary>Past touches: recorded, and nobody acts on them.</summary>
    /// <param name="touches">1 to 500, stored together.</param>
    public static OutboxEvent Imported(string tenant, IReadOnlyList<ImportedTouch> touches, DateTimeOffset now)
    {
        var message = Touched(tenant, now, touches.Select(touch => new TouchpointRecorded
        {
            Touchpoint = LeadMapping.ToProto(touch.Touchpoint),
            Origin = V1Origin.Import,
            Supersedes = touch.Supersedes is { } before ? LeadMapping.TouchpointName(before) : "",
        }));
        return OutboxEvent.Import(Guid.Parse(message.EventId), tenant, message, Word(touches.Any(touch => touch.Touchpoint.Engagement)));
    }

    static TouchpointsRecorded Touched(string tenant, DateTimeOffset now, IEnumerable<TouchpointRecorded> touches) => new()
    {
        EventId = Guid.CreateVersion7(now).ToString("D"),
        EventTime = now.ToTimestamp(),
        Tenant = tenant,
        Touchpoints = { touches },
    };

    static string Word(bool engagement) => engagement ? "engagement" : "outreach";
}

/// <param name="Lead">As it is after the move.</param>
/// <param name="Actor">Who moved it, as the ledger names them.</param>
sealed record LeadMove(Domain.Lead Lead, StageMove Move, string Actor);
