using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Api;

/// <summary>From the flow to the wire.</summary>
static class FlowMapping
{
    public static V1.Flow ToProto(FlowAnswer answer, JourneyScope scope, ReportingSettings settings, long journeyCount) => new()
    {
        AsOf = scope.AsOf.ToTimestamp(),
        KnownAt = scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeyCount,
        Periods = { answer.Periods.Select(ToProto) },
    };

    static V1.FlowPeriod ToProto(FlowPeriod period) => new()
    {
        Period = WaterfallMapping.ToProto(period.Period),
        Stages =
        {
            period.Stages.Select(stage => new V1.StageFlow
            {
                Stage = stage.Stage.ToProto(),
                EntryCount = stage.Entries,
                DepartureCount = stage.Departures,
                StockStartCount = stage.StockAtStart,
                StockEndCount = stage.StockAtEnd,
                AfterWinCount = stage.AfterWin,
            }),
        },
        Moves =
        {
            period.Moves.Select(move => new V1.Move { From = move.From.ToProto(), To = move.To.ToProto(), Reason = move.Reason, Count = move.Count }),
        },
    };
}
