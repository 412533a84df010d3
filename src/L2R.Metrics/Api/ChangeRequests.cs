using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using ChangeBasis = L2R.Metrics.Domain.Diagnosis.ChangeBasis;

namespace L2R.Metrics.Api;

/// <summary>Reads a question why revenue changed; adds every rule that it breaks.</summary>
static class ChangeRequests
{
    public const int MaxValues = 500;

    public static readonly TimeSpan DefaultHorizon = TimeSpan.FromDays(90);

    public static ChangeQuery Read(ExplainChangeRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var isBooked = request.Basis == V1.ChangeBasis.Booked;
        WaterfallRequests.Defined(request.Basis, "basis", problems);
        if (isBooked && request.Horizon is not null)
        {
            problems.Add(new("horizon", "must be unset where basis is BOOKED: nobody is followed"));
        }
        var dimension = DiagnosisRequests.OfChain(request.Dimension, settings, problems);
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, startTime: null, endTime: null, request.Filters, request.Journeys, settings, now, problems);
        var before = Period(request.BeforeStartTime, "before_start_time", request.BeforeEndTime, "before_end_time", problems);
        var after = Period(request.AfterStartTime, "after_start_time", request.AfterEndTime, "after_end_time", problems);
        if (request.BeforeEndTime is not null && request.AfterStartTime is not null && after.From < before.To)
        {
            problems.Add(new("after_start_time", "must not be before before_end_time"));
        }
        var ways = new WaysQuery(
            scope,
            isBooked ? ChangeBasis.Booked : ChangeBasis.Cohort,
            request.Horizon is null ? DefaultHorizon : WaterfallRequests.Span(request.Horizon, "horizon", TimeSpan.FromTicks(1), problems),
            dimension,
            settings.CurrencyCode,
            MaxValues);
        return new(ways, before, after);
    }

    static (DateTimeOffset From, DateTimeOffset To) Period(Timestamp? start, string startField, Timestamp? end, string endField, List<FieldProblem> problems)
    {
        var (from, to) = (WaterfallRequests.Instant(start, startField, problems), WaterfallRequests.Instant(end, endField, problems));
        if (from >= to)
        {
            problems.Add(new(endField, $"must be after {startField}"));
        }
        return (from ?? default, to ?? default);
    }
}
