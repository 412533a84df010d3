using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using Origin = L2R.Ledger.V1.Origin;

namespace L2R.Cli.Bench;

/// <summary>History as the events that its owners would publish, to be put into their outboxes.</summary>
static class StageEvents
{
    const int RowsPerEvent = 500;

    /// <param name="copies">How often the history is told, each time of other journeys.</param>
    /// <param name="now">Told at another instant it is of other journeys too.</param>
    /// <returns>By owner, the id and the bytes of each event.</returns>
    public static IReadOnlyDictionary<Owner, List<(Guid Id, byte[] Payload)>> Create(ImportPlan history, string tenant, int copies, DateTimeOffset now) =>
        history.Rows.ToDictionary(
            rows => rows.Key,
            rows => Enumerable.Range(0, copies)
                .SelectMany(copy => rows.Value.Select(row => Row(tenant, $"{now.UtcTicks}-{copy}", row)))
                .Chunk(RowsPerEvent)
                .Select(changes => Event(tenant, changes, now))
                .ToList());

    static (Guid Id, byte[] Payload) Event(string tenant, StageChanged[] changes, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return (id, new StagesChanged { EventId = id.ToString("D"), EventTime = now.ToTimestamp(), Tenant = tenant, Changes = { changes } }.ToByteArray());
    }

    static StageChanged Row(string tenant, string source, ImportedTransition row) => new()
    {
        TransitionId = TransitionId.Create(tenant, source, row.SourceKey, row.SourceSeq).ToString("D"),
        Lead = $"leads/{TransitionId.OfLead(tenant, source, row.LeadKey):D}",
        Journey = $"journeys/{TransitionId.OfJourney(tenant, source, row.JourneyKey):D}",
        From = row.From,
        To = row.To,
        OccurTime = row.OccurTime,
        SourceSeq = row.SourceSeq,
        Origin = Origin.Import,
        Actor = row.Actor,
        Reason = row.Reason,
        Amount = row.Amount,
        Dimensions = row.Dimensions,
    };
}
