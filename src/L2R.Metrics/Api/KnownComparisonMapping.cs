using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Type.V1;

namespace L2R.Metrics.Api;

/// <summary>From two views of the ledger to the wire.</summary>
static class KnownComparisonMapping
{
    public static V1.KnownComparison ToProto(
        KnownComparisonAnswer answer, WaterfallQuery baseline, WaterfallQuery restated, ReportingSettings settings, (JourneyColumns Baseline, JourneyColumns Restated) journeys) => new()
        {
            Baseline = WaterfallMapping.ToProto(answer.Baseline, baseline, settings, journeys.Baseline),
            Restated = WaterfallMapping.ToProto(answer.Restated, restated, settings, journeys.Restated),
            MovedFigures = { answer.Moved.Select(moved => ToProto(moved, restated)) },
            RowChanges =
        {
            answer.Rows.Select(change => new V1.RowChange
            {
                Cause = (V1.RowChangeCause)((int)change.Cause + 1),
                Origin = ToProto(change.Origin),
                Stage = change.Stage.ToProto(),
                Period = WaterfallMapping.ToProto(change.Period),
                AddedCount = change.Added,
                RemovedCount = change.Removed,
            }),
        },
            ChangedLeadCount = answer.ChangedLeads,
            MergedLeadCount = answer.MergedLeads,
            Latenesses =
        {
            answer.Latenesses.Select(lateness => new V1.Lateness
            {
                Origin = ToProto(lateness.Origin),
                Over = lateness.Over?.ToDuration(),
                UpTo = lateness.UpTo?.ToDuration(),
                Count = lateness.Count,
            }),
        },
            BaselineQuality = WaterfallMapping.ToProto(answer.Baseline.Quality),
            RestatedQuality = WaterfallMapping.ToProto(answer.Restated.Quality),
        };

    static V1.MovedFigure ToProto(MovedFigure moved, WaterfallQuery query)
    {
        var (kind, stage, to, horizon, currency) = moved.Figure;
        var proto = new V1.MovedFigure
        {
            Period = WaterfallMapping.ToProto(moved.Group.Period),
            Dimensions = { query.GroupBy.Zip([moved.Group.First, moved.Group.Second], WaterfallMapping.ToProto) },
            Kind = (V1.FigureKind)((int)kind + 1),
            Stage = stage.ToProto(),
            To = to.ToProto(),
            Horizon = horizon?.ToDuration(),
        };
        if (currency is null)
        {
            (proto.BaselineCount, proto.RestatedCount) = ((long)moved.Baseline, (long)moved.Restated);
        }
        else
        {
            (proto.BaselineAmount, proto.RestatedAmount) = (moved.Baseline.ToMoney(currency), moved.Restated.ToMoney(currency));
        }
        return proto;
    }

    static L2R.Ledger.V1.Origin ToProto(Ledger.Domain.Origin origin) =>
        origin == Ledger.Domain.Origin.Import ? L2R.Ledger.V1.Origin.Import : L2R.Ledger.V1.Origin.Live;
}
