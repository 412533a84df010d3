using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using ChangeBasis = L2R.Metrics.Domain.Diagnosis.ChangeBasis;
using Target = L2R.Metrics.Domain.Target;

namespace L2R.Metrics.Api;

/// <summary>Reads a question where the waterfall falls short; adds every rule that it breaks.</summary>
static class DiagnosisRequests
{
    const int MaxSegments = 100;
    const int DefaultSegments = 10;

    /// <param name="targets">All of the tenant's.</param>
    public static DiagnosisQuery Read(
        DiagnoseRequest request, ReportingSettings settings, IReadOnlyList<Target> targets, DateTimeOffset now, List<FieldProblem> problems)
    {
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems);
        var dimension = OfChain(request.Dimension, settings, problems);
        NoLatest(request.Journeys, problems);
        AnswerRequests.InRange("max_segments", request.MaxSegments, MaxSegments, problems);
        var ways = new WaysQuery(
            scope, ChangeBasis.Cohort, Horizon(request.Horizon, problems), dimension, settings.CurrencyCode, ChangeRequests.MaxValues);
        List<Target> inForce = [.. new Targets(targets).InForce(scope.AsOf)];
        return new(ways, inForce, request.MaxSegments == 0 ? DefaultSegments : request.MaxSegments)
        {
            Custom = settings.Custom,
            LastPeriods = inForce.Select(target => target.Details.Goal).OfType<Goal.Volume>().Select(volume => volume.Period).Distinct()
                .ToDictionary(kind => kind, kind => LastBefore(scope.AsOf, PlanningRequests.Calendar(kind, settings))),
        };
    }

    static Domain.Period LastBefore(DateTimeOffset instant, ReportingCalendar calendar) => calendar.PeriodOf(calendar.PeriodOf(instant).From.AddTicks(-1));

    /// <summary>By whose values a chain is taken: <c>segment</c> when empty. A journey has one value of it from its start to its win.</summary>
    public static Dimension OfChain(string name, ReportingSettings settings, List<FieldProblem> problems)
    {
        var dimension = name.Length == 0 ? Dimension.Segment : WaterfallRequests.Named(name, "dimension", settings, problems);
        if (dimension?.Kind == DimensionKind.AtEntry)
        {
            problems.Add(new(
                "dimension",
                $"must not be {name}: it is as of each stage, and at LEAD, where a chain starts, it is not known yet; ask for one that a journey keeps, such as segment or channel"));
        }
        return dimension ?? Dimension.Segment;
    }

    /// <summary>How long journeys are followed: 90 days when unset.</summary>
    public static TimeSpan Horizon(Duration? horizon, List<FieldProblem> problems) =>
        horizon is null ? ChangeRequests.DefaultHorizon : WaterfallRequests.Span(horizon, "horizon", TimeSpan.FromTicks(1), problems);

    /// <summary>What is measured against targets, or makes them, must stay as it was.</summary>
    public static void NoLatest(V1.JourneySelection journeys, List<FieldProblem> problems)
    {
        if (journeys == V1.JourneySelection.Latest)
        {
            problems.Add(new("journeys", "must not be LATEST: a later journey rewrites past cohorts"));
        }
    }
}
