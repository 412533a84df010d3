using L2R.Metrics.Domain.Costs;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using EconomicsKey = L2R.Metrics.V1.EconomicsKey;

namespace L2R.Metrics.Api;

/// <summary>Reads questions to cost and nurture; adds every rule that they break.</summary>
static class EconomicsRequests
{
    const int MaxRows = 3_000; // of about 1,200 bytes each: an answer that a client takes

    static readonly TimeSpan DefaultHorizon = TimeSpan.FromDays(90);

    public static EconomicsQuery Read(GetEconomicsRequest request, Domain.ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        WaterfallRequests.Defined(request.GroupBy, "group_by", problems);
        return new(
            AnswerRequests.Scope(
                request.AsOf, request.KnownAt, request.StartTime, request.EndTime, [], JourneySelection.Any, settings, now, problems),
            request.GroupBy switch
            {
                EconomicsKey.Channel => Domain.Costs.EconomicsKey.Channel,
                EconomicsKey.Campaign => Domain.Costs.EconomicsKey.Campaign,
                _ => Domain.Costs.EconomicsKey.All,
            },
            AnswerRequests.Calendar(request.GroupByPeriod, "group_by_period", settings, problems),
            settings.CurrencyCode,
            TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone),
            MaxRows);
    }

    public static NurtureQuery Read(GetNurtureRequest request, Domain.ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems) => new(
        AnswerRequests.Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, JourneySelection.Any, settings, now, problems),
        AnswerRequests.Calendar(request.GroupByPeriod, "group_by_period", settings, problems),
        request.Horizon is null ? DefaultHorizon : WaterfallRequests.Span(request.Horizon, "horizon", TimeSpan.FromTicks(1), problems),
        settings.CurrencyCode,
        AnswerRequests.MaxPeriods);
}
