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
        var dimension = request.Dimension.Length == 0 ? Dimension.Segment : WaterfallRequests.Named(request.Dimension, "dimension", settings, problems);
        NoLatest(request.Journeys, problems);
        AnswerRequests.InRange("max_segments", request.MaxSegments, MaxSegments, problems);
        var ways = new WaysQuery(
            scope, ChangeBasis.Cohort, Horizon(request.Horizon, problems), dimension ?? Dimension.Segment, settings.CurrencyCode, ChangeRequests.MaxValues);
        return new(ways, [.. new Targets(targets).InForce(scope.AsOf)], request.MaxSegments == 0 ? DefaultSegments : request.MaxSegments);
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
