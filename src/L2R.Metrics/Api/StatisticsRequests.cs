using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Statistics;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Reads questions to the statistics; adds every rule that they break.</summary>
static class StatisticsRequests
{
    const int MaxPoints = 200;
    const int MaxCurves = 100;

    public static CurveQuery Read(GetConversionCurveRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var query = WaterfallRequests.Read(
            new GetWaterfallRequest
            {
                AsOf = request.AsOf,
                KnownAt = request.KnownAt,
                StartTime = request.StartTime,
                EndTime = request.EndTime,
                GroupBy = { request.GroupBy.Take(1) },
                Filters = { request.Filters },
                Journeys = request.Journeys,
            },
            settings,
            now,
            problems);
        WaterfallRequests.AtMost("group_by", request.GroupBy.Count, 1, problems);
        var (from, to) = (request.From.ToDomain() ?? Stage.Lead, request.To.ToDomain() ?? Stage.ClosedWon);
        if (from is < Stage.Lead or > Stage.Opportunity)
        {
            problems.Add(new("from", "must be a stage from LEAD to OPPORTUNITY"));
        }
        if (to <= from || !to.IsStage())
        {
            problems.Add(new("to", "must be a stage after from, up to CLOSED_WON"));
        }
        return new(Scope(query), new Pair(from, to), query.GroupBy.Count == 0 ? null : query.GroupBy[0], MaxPoints, MaxCurves);
    }

    static JourneyScope Scope(WaterfallQuery query) => new()
    {
        AsOf = query.AsOf,
        KnownAt = query.KnownAt,
        From = query.From,
        To = query.To,
        Filters = query.Filters,
        Journeys = query.Journeys,
    };
}
