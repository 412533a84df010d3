using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Api;

/// <summary>From the cohorts to the wire.</summary>
static class CohortMapping
{
    public static V1.CohortTable ToProto(CohortAnswer answer, CohortQuery query, ReportingSettings settings, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeyCount,
        From = query.Pair.From.ToProto(),
        To = query.Pair.To.ToProto(),
        Horizons = { query.Horizons.Select(horizon => horizon.ToDuration()) },
        Rows = { answer.Rows.Select(row => ToProto(row, query)) },
    };

    static V1.CohortRow ToProto(CohortRow row, CohortQuery query)
    {
        var proto = new V1.CohortRow
        {
            Period = WaterfallMapping.ToProto(row.Period),
            Dimensions = { query.GroupBy.Zip(row.Values, ToProto) },
            CohortCount = row.Cohort,
            StartedAboveCount = row.StartedAbove,
            ToDate = WaterfallMapping.ToProto(row.ToDate),
            OpenCount = row.Open,
            Cells = { row.Cells.Select(cell => ToProto(cell, row.Cohort)) },
        };
        if (row.Cohort > 0)
        {
            proto.OpenRatio = (double)row.Open / row.Cohort;
        }
        return proto;
    }

    static V1.CohortValue ToProto(Dimension dimension, CohortValue value) => new()
    {
        Dimension = dimension.Name,
        Value = value.Name ?? "",
        Unknown = value is { Name: null, IsOther: false },
        Other = value.IsOther,
    };

    static V1.CohortCell ToProto(HorizonFigures cell, long cohort) => new()
    {
        State = cohort == 0 ? V1.CohortCellState.Empty : cell.Rate.N == 0 ? V1.CohortCellState.NotMature : V1.CohortCellState.Mature,
        Rate = cell.Rate.N == 0 ? null : WaterfallMapping.ToProto(cell.Rate),
        ImmatureCount = cell.Immature,
    };
}
