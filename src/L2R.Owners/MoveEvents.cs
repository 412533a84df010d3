using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Moves = L2R.Ledger.Domain.Moves;
using Owner = L2R.Ledger.Domain.Owner;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Owners;

/// <summary>How the four services that move journeys tell of it.</summary>
public static class MoveEvents
{
    /// <summary>A row that happens now. What only one service knows of a move it sets itself.</summary>
    /// <param name="from">Null for the journey's first row.</param>
    /// <param name="actor">Who moved it, as the ledger names them.</param>
    public static StageChanged Row(
        Guid leadId, Guid journeyId, Stage? from, Stage to, DateTimeOffset occurTime, long sourceSeq, string actor, string reason, DateTimeOffset now) => new()
        {
            TransitionId = Guid.CreateVersion7(now).ToString("D"),
            Lead = $"leads/{leadId:D}",
            Journey = $"journeys/{journeyId:D}",
            From = from.ToProto(),
            To = to.ToProto(),
            OccurTime = occurTime.ToTimestamp(),
            SourceSeq = sourceSeq,
            Origin = Origin.Live,
            Actor = actor,
            Reason = reason,
        };

    /// <summary>Rows that happen now, 1 to 500.</summary>
    /// <param name="owner">The service that moved the journeys.</param>
    public static OutboxEvent Live(Owner owner, string tenant, IEnumerable<StageChanged> rows, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, Envelope(eventId, tenant, rows, now), Word(owner));
    }

    /// <summary>Rows of history, 1 to 500.</summary>
    /// <param name="owner">The service that took them in.</param>
    public static OutboxEvent Import(Owner owner, string tenant, IEnumerable<StageChanged> rows, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Import(eventId, tenant, Envelope(eventId, tenant, rows, now), Word(owner));
    }

    /// <summary>What a row says of where its journey stands now.</summary>
    /// <returns>Null for a row that enters no stage.</returns>
    public static StageEntry? Entry(StageChanged row) =>
        row.To.ToDomain() is { } stage
        && Fields.TryParseName(row.Lead, "leads", out var leadId)
        && Fields.TryParseName(row.Journey, "journeys", out var journeyId)
            ? new StageEntry(leadId, journeyId, row.From.ToDomain(), stage, row.OccurTime.ToDateTimeOffset(), row.SourceSeq, row.Dimensions ?? new())
            : null;

    static string Word(Owner owner) => owner.ToString().ToLowerInvariant();

    static StagesChanged Envelope(Guid eventId, string tenant, IEnumerable<StageChanged> rows, DateTimeOffset now) => new()
    {
        EventId = eventId.ToString("D"),
        EventTime = now.ToTimestamp(),
        Tenant = tenant,
        Changes = { rows },
    };
}

/// <summary>A journey entered a stage, as a service hears of it.</summary>
/// <param name="From">Where the service that moved it saw it before; null for its first row.</param>
/// <param name="SourceSeq">The highest of a journey is where it stands.</param>
public sealed record StageEntry(Guid LeadId, Guid JourneyId, Stage? From, Stage Stage, DateTimeOffset OccurTime, long SourceSeq, Dimensions Dimensions)
{
    /// <summary>Where the way back from an exit leads; null in a stage.</summary>
    public Stage? ExitFrom => From is { } before ? Moves.ExitFrom(before, Stage) : null;
}
