using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Pipelines;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Reads a question to handoff and pipeline; adds every rule that it breaks.</summary>
static class PipelineRequests
{
    const int MaxRows = 2_000; // and as many of what is open: a test holds that a client takes them

    public static PipelineQuery Read(GetPipelineRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        if (request.GroupBy.Count > 2)
        {
            problems.Add(new("group_by", $"must be at most 2 dimensions, and are {request.GroupBy.Count}"));
        }
        WaterfallRequests.Once("group_by", request.GroupBy, problems);
        if (request.HasWinProbability && request.WinProbability is not (>= 0 and <= 1))
        {
            problems.Add(new("win_probability", "must be from 0 to 1"));
        }
        return new(
            AnswerRequests.Scope(
                request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems),
            AnswerRequests.Calendar(request.GroupByPeriod, "group_by_period", settings, problems),
            [.. request.GroupBy.Select((name, index) => WaterfallRequests.Named(name, $"group_by[{index}]", settings, problems)).OfType<Dimension>()],
            request.ResponseSla is null ? null : WaterfallRequests.Span(request.ResponseSla, "response_sla", TimeSpan.FromTicks(1), problems),
            request.HasWinProbability ? request.WinProbability : null,
            settings.CurrencyCode,
            MaxRows);
    }
}
