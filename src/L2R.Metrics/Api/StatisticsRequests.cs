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
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems);
        var dimension = request.GroupBy.Count == 0 ? null : WaterfallRequests.Named(request.GroupBy[0], "group_by[0]", settings, problems);
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
        return new(scope, new Pair(from, to), dimension, MaxPoints, MaxCurves);
    }
}
