using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using PeriodKind = L2R.Metrics.V1.PeriodKind;

namespace L2R.Metrics.Api;

/// <summary>Reads questions to cohorts, velocity, flow and comparison; adds every rule that they break.</summary>
static class AnswerRequests
{
    public const int MaxRows = 10_000;
    public const int MaxPeriods = 2_000;

    const int MaxHorizons = 60;
    const int MaxTopValues = 1_000;
    const int DefaultTopValues = 20;

    // A test holds the sizes against rows of large figures.
    const int BytesOfRow = 320;
    const int BytesOfCell = 60;

    static readonly int[] DefaultHorizons = [1, 2, 4, 8, 12];

    public static CohortQuery Read(GetCohortsRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var scope = Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems);
        var pair = ReadPair(request.From, request.To, problems);
        if (request.GroupBy.Count > 2)
        {
            problems.Add(new("group_by", $"must be at most 2 dimensions, and are {request.GroupBy.Count}"));
        }
        WaterfallRequests.Once("group_by", request.GroupBy, problems);
        InRange("top_value_count", request.TopValueCount, MaxTopValues, problems);
        InRange("max_rows", request.MaxRows, MaxRows, problems);
        var horizons = Horizons(request, problems);
        return new CohortQuery
        {
            Scope = scope,
            Pair = pair,
            Periods = Calendar(request.GroupByPeriod, "group_by_period", settings, problems),
            GroupBy = [.. request.GroupBy.Select((name, index) => WaterfallRequests.Named(name, $"group_by[{index}]", settings, problems)).OfType<Dimension>()],
            TopValues = request.TopValueCount == 0 ? DefaultTopValues : request.TopValueCount,
            Horizons = horizons,
            MaxRows = Math.Min(request.MaxRows == 0 ? MaxRows : request.MaxRows, FittingRows(horizons.Length)),
        };
    }

    public static VelocityQuery Read(GetVelocityRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems) => new(
        Scope(request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems),
        ReadPair(request.From, request.To, problems),
        request.Horizon is null ? null : WaterfallRequests.Span(request.Horizon, "horizon", TimeSpan.FromTicks(1), problems));

    public static (JourneyScope Scope, ReportingCalendar? Periods) Read(
        GetFlowRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems) =>
        (Scope(request.AsOf, request.KnownAt, request.StartTime, request.EndTime, request.Filters, request.Journeys, settings, now, problems),
            Calendar(request.GroupByPeriod, "group_by_period", settings, problems));

    /// <returns>The question to the baseline, and the same one as restated.</returns>
    public static (WaterfallQuery Baseline, WaterfallQuery Restated) Read(
        CompareKnownRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var restated = WaterfallRequests.Read(
            new GetWaterfallRequest
            {
                AsOf = request.AsOf,
                KnownAt = request.KnownAt,
                StartTime = request.StartTime,
                EndTime = request.EndTime,
                CohortBy = request.CohortBy,
                GroupByPeriod = request.GroupByPeriod,
                GroupBy = { request.GroupBy },
                Filters = { request.Filters },
                Journeys = request.Journeys,
                Horizons = { request.Horizons },
            },
            settings,
            now,
            problems);
        restated = restated with { MaxGroups = restated.MaxGroups / 2 };
        var baseline = restated with
        {
            KnownAt = WaterfallRequests.Known(request.BaselineKnownAt, "baseline_known_at", now, problems),
            AsOf = request.BaselineAsOf is null ? restated.AsOf : WaterfallRequests.Past(request.BaselineAsOf, "baseline_as_of", now, problems),
        };
        if (baseline.KnownAt > restated.KnownAt)
        {
            problems.Add(new("baseline_known_at", "must not be after known_at"));
        }
        return (baseline, restated);
    }

    /// <summary>How many rows of cohorts an answer may have: the more columns, the fewer.</summary>
    public static int FittingRows(int horizons) => WaterfallRequests.MaxBytes / (BytesOfRow + (horizons * BytesOfCell));

    /// <summary>Which journeys a question is about, and when: the same fields in every request.</summary>
    public static JourneyScope Scope(
        Timestamp? asOf,
        Timestamp? knownAt,
        Timestamp? startTime,
        Timestamp? endTime,
        RepeatedField<V1.DimensionFilter> filters,
        V1.JourneySelection journeys,
        ReportingSettings settings,
        DateTimeOffset now,
        List<FieldProblem> problems)
    {
        var (from, to) = (WaterfallRequests.Instant(startTime, "start_time", problems), WaterfallRequests.Instant(endTime, "end_time", problems));
        if (from >= to)
        {
            problems.Add(new("end_time", "must be after start_time"));
        }
        WaterfallRequests.AtMost("filters", filters.Count, WaterfallRequests.MaxFilters, problems);
        WaterfallRequests.Defined(journeys, "journeys", problems);
        return new JourneyScope
        {
            AsOf = WaterfallRequests.Past(asOf, "as_of", now, problems),
            KnownAt = WaterfallRequests.Known(knownAt, "known_at", now, problems),
            From = from,
            To = to,
            Filters = [.. filters.Select((filter, index) => WaterfallRequests.Filter(filter, index, settings, problems)).OfType<Domain.DimensionFilter>()],
            Journeys = journeys == V1.JourneySelection.Unspecified ? Domain.JourneySelection.Any : (Domain.JourneySelection)((int)journeys - 1),
        };
    }

    /// <returns>Null where the kind is not given, or unknown.</returns>
    public static ReportingCalendar? Calendar(PeriodKind kind, string field, ReportingSettings settings, List<FieldProblem> problems)
    {
        WaterfallRequests.Defined(kind, field, problems);
        return kind == PeriodKind.Unspecified ? null : new ReportingCalendar(
            (Domain.PeriodKind)((int)kind - 1), TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone), settings.FiscalStartMonth);
    }

    /// <returns>Of use where there is no problem. That a stage is missing is said already.</returns>
    static Pair ReadPair(L2R.Ledger.V1.Stage from, L2R.Ledger.V1.Stage to, List<FieldProblem> problems)
    {
        if (from != L2R.Ledger.V1.Stage.Unspecified && from is not (>= L2R.Ledger.V1.Stage.Lead and <= L2R.Ledger.V1.Stage.Opportunity))
        {
            problems.Add(new("from", "must be a stage from LEAD to OPPORTUNITY"));
        }
        else if (to != L2R.Ledger.V1.Stage.Unspecified && (to > L2R.Ledger.V1.Stage.ClosedWon || to <= from))
        {
            problems.Add(new("to", $"must be a stage after from, up to {Stage.ClosedWon.Name()}"));
        }
        return new Pair(from.ToDomain() ?? Stage.Lead, to.ToDomain() ?? Stage.ClosedWon);
    }

    static TimeSpan[] Horizons(GetCohortsRequest request, List<FieldProblem> problems)
    {
        WaterfallRequests.Defined(request.HorizonUnit, "horizon_unit", problems);
        WaterfallRequests.AtMost("horizons", request.Horizons.Count, MaxHorizons, problems);
        WaterfallRequests.Once("horizons", request.Horizons, problems);
        InRange("horizon_count", request.HorizonCount, MaxHorizons, problems);
        if (request.HorizonCount != 0 && request.Horizons.Count > 0)
        {
            problems.Add(new("horizon_count", "must not be set beside horizons"));
        }

        var days = request.HorizonUnit switch { HorizonUnit.Day => 1, HorizonUnit.Month => 30, _ => 7 };
        var most = (int)WaterfallRequests.Longest.TotalDays / days;
        IEnumerable<int> units = request.Horizons.Count > 0 ? request.Horizons
            : request.HorizonCount is > 0 and <= MaxHorizons ? Enumerable.Range(1, request.HorizonCount)
            : DefaultHorizons;
        foreach (var (index, _) in request.Horizons.Index().Where(horizon => horizon.Item < 1 || horizon.Item > most))
        {
            problems.Add(new($"horizons[{index}]", "must be more than 0 and at most 3650 days"));
        }
        return [.. units.Select(unit => TimeSpan.FromDays(Math.Clamp(unit, 1, most) * days))];
    }

    /// <summary>From 1 on, where it is set.</summary>
    public static void InRange(string field, int value, int most, List<FieldProblem> problems)
    {
        if (value < 0 || value > most)
        {
            problems.Add(new(field, FormattableString.Invariant($"must be from 1 to {most:#,0}, and is {value:#,0}")));
        }
    }
}
