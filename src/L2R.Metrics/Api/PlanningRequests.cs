using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Domain.Planning;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.Type.V1;
using ChangeBasis = L2R.Metrics.Domain.Diagnosis.ChangeBasis;

namespace L2R.Metrics.Api;

/// <summary>Reads questions about targets, goals and the time ahead; adds every rule that they break.</summary>
static class PlanningRequests
{
    const int MaxSuggestedValues = 100;
    const long MostWins = 1_000_000_000_000;

    static readonly TimeSpan SuggestedHorizon = TimeSpan.FromDays(30);
    static readonly TimeSpan Quarter = TimeSpan.FromDays(90);

    public static SuggestionQuery Read(SuggestTargetsRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, startTime: null, endTime: null, request.Filters, request.Journeys, settings, now, problems);
        DiagnosisRequests.NoLatest(request.Journeys, problems);
        return new(
            scope,
            AnswerRequests.Calendar(request.Period, "period", settings, problems) ?? Calendar(Domain.PeriodKind.Month, settings),
            request.Horizon is null ? SuggestedHorizon : WaterfallRequests.Span(request.Horizon, "horizon", TimeSpan.FromTicks(1), problems),
            request.Dimension.Length == 0 ? null : WaterfallRequests.Named(request.Dimension, "dimension", settings, problems),
            MaxSuggestedValues);
    }

    public static PlanQuery Read(PlanGoalRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems);
        DiagnosisRequests.NoLatest(request.Journeys, problems);
        var horizon = DiagnosisRequests.Horizon(request.Horizon, problems);
        var (from, to) = (problems.AnyInstant("goal_start_time", request.GoalStartTime), problems.AnyInstant("goal_end_time", request.GoalEndTime));
        if (to <= from)
        {
            problems.Add(new("goal_end_time", "must be after goal_start_time"));
        }
        else if (to - from > WaterfallRequests.Longest)
        {
            problems.Add(new("goal_end_time", "must be at most 3650 days after goal_start_time"));
        }
        switch (request.GoalCase)
        {
            case PlanGoalRequest.GoalOneofCase.None:
                problems.Add(new("won_amount", $"{FieldProblem.Required}, or won_count"));
                break;
            case PlanGoalRequest.GoalOneofCase.WonAmount:
                Check(request.WonAmount, settings, problems);
                break;
            case PlanGoalRequest.GoalOneofCase.WonCount when request.WonCount is < 1 or > MostWins:
                problems.Add(new("won_count", "must be from 1 to 1,000,000,000,000"));
                break;
        }
        return new(
            new WaysQuery(scope, ChangeBasis.Cohort, horizon, Dimension.Segment, settings.CurrencyCode, int.MaxValue),
            request.WonAmount?.ToDecimal(),
            request.HasWonCount ? request.WonCount : null,
            from ?? DateTimeOffset.UnixEpoch,
            to ?? DateTimeOffset.UnixEpoch,
            Calendar(Domain.PeriodKind.Month, settings));
    }

    public static OutlookQuery Read(GetOutlookRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems) => new(
        AnswerRequests.Scope(request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems),
        request.Ahead is null ? Quarter : WaterfallRequests.Span(request.Ahead, "ahead", TimeSpan.FromTicks(1), problems),
        settings.CurrencyCode);

    static void Check(Money amount, ReportingSettings settings, List<FieldProblem> problems)
    {
        if (amount.CurrencyCode != settings.CurrencyCode)
        {
            problems.Add(new("won_amount.currency_code", $"must be the reporting currency, {settings.CurrencyCode}, and is '{amount.CurrencyCode.Echo()}'"));
        }
        if (amount.Units < 0 || amount.Nanos is < 0 or > 999_999_999 || amount.ToDecimal() == 0)
        {
            problems.Add(new("won_amount", "must be more than 0, with nanos from 0 to 999,999,999"));
        }
    }

    public static ReportingCalendar Calendar(Domain.PeriodKind kind, ReportingSettings settings) =>
        new(kind, TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone), settings.FiscalStartMonth);
}
