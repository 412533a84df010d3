using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using PeriodKind = L2R.Metrics.V1.PeriodKind;

namespace L2R.Metrics.Api;

/// <summary>Reads a question to the waterfall; adds every rule that it breaks.</summary>
static class WaterfallRequests
{
    const int MaxHorizons = 12;
    const int MaxCurveTimes = 100;
    public const int MaxFilters = 10;
    const int MaxValues = 100;
    const int MaxNames = 60; // that an error lists

    // An answer fits into what a gRPC client takes unless told otherwise. A test holds the sizes against a group of large figures.
    public const int MaxBytes = 4 * 1024 * 1024;
    const int BytesOfGroup = 2_000;
    const int BytesOfHorizon = 400;
    const int BytesOfCurveTime = 300;

    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <param name="now">What as_of and known_at are when they aren't given.</param>
    /// <returns>Of use where there is no problem.</returns>
    public static WaterfallQuery Read(GetWaterfallRequest request, ReportingSettings settings, DateTimeOffset now, List<FieldProblem> problems)
    {
        var (from, to) = (Instant(request.StartTime, "start_time", problems), Instant(request.EndTime, "end_time", problems));
        if (from >= to)
        {
            problems.Add(new("end_time", "must be after start_time"));
        }
        if (request.GroupBy.Count > 2)
        {
            problems.Add(new("group_by", $"must be at most 2 dimensions, and are {request.GroupBy.Count}"));
        }
        AtMost("horizons", request.Horizons.Count, MaxHorizons, problems);
        AtMost("curve_times", request.CurveTimes.Count, MaxCurveTimes, problems);
        AtMost("filters", request.Filters.Count, MaxFilters, problems);
        var cohortBy = request.CohortBy.ToDomain();
        if (!System.Enum.IsDefined(request.CohortBy) || cohortBy is { } stage && stage.IsExit())
        {
            problems.Add(new("cohort_by", "must be a stage from LEAD to CLOSED_WON"));
        }
        Defined(request.GroupByPeriod, "group_by_period", problems);
        Defined(request.Journeys, "journeys", problems);

        var query = new WaterfallQuery
        {
            AsOf = Past(request.AsOf, "as_of", now, problems),
            KnownAt = Known(request.KnownAt, "known_at", now, problems),
            From = from,
            To = to,
            CohortBy = cohortBy,
            Periods = request.GroupByPeriod == PeriodKind.Unspecified ? null : new ReportingCalendar(
                (Domain.PeriodKind)((int)request.GroupByPeriod - 1),
                TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone),
                settings.FiscalStartMonth),
            GroupBy = [.. request.GroupBy.Select((name, index) => Named(name, $"group_by[{index}]", settings, problems)).OfType<Dimension>()],
            Filters = [.. request.Filters.Select((filter, index) => Filter(filter, index, settings, problems)).OfType<Domain.DimensionFilter>()],
            Journeys = request.Journeys == V1.JourneySelection.Unspecified
                ? Domain.JourneySelection.Any
                : (Domain.JourneySelection)((int)request.Journeys - 1),
            Horizons = [.. request.Horizons.Select((horizon, index) => Span(horizon, $"horizons[{index}]", TimeSpan.FromTicks(1), problems))],
            CurveTimes = [.. request.CurveTimes.Select((time, index) => Span(time, $"curve_times[{index}]", TimeSpan.Zero, problems))],
            MaxGroups = MaxGroups(request.Horizons.Count, request.CurveTimes.Count),
        };
        Once("group_by", request.GroupBy, problems);
        Once("horizons", request.Horizons, problems);
        Once("curve_times", request.CurveTimes, problems);
        return query;
    }

    /// <summary>How many groups an answer may have: the more figures each has, the fewer.</summary>
    public static int MaxGroups(int horizons, int curveTimes) =>
        MaxBytes / (BytesOfGroup + (horizons * BytesOfHorizon) + (curveTimes * BytesOfCurveTime));

    /// <summary>What is wrong with a question that has too many groups, and what to ask instead.</summary>
    /// <param name="dimensions">How many it groups by.</param>
    /// <param name="groups">What the answer calls them.</param>
    public static FieldProblem TooWide(TooManyGroupsException tooMany, int dimensions, string groups = "groups")
    {
        List<string> ways = [];
        if (tooMany.Longer is { } longer)
        {
            ways.Add(longer == Domain.PeriodKind.FiscalYear ? "fiscal years" : $"{longer.ToString().ToLowerInvariant()}s");
        }
        if (tooMany.From is { } from)
        {
            ways.Add(string.Create(CultureInfo.InvariantCulture, $"a start_time of {from.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} or later"));
        }
        if (dimensions > 0)
        {
            ways.Add("fewer dimensions or, by filters, fewer of their values");
        }
        return new(
            tooMany.From is null ? "group_by" : "group_by_period",
            string.Create(CultureInfo.InvariantCulture, $"would make more than {tooMany.Max:#,0} {groups}: ask for {string.Join(", or ", ways)}"));
    }

    /// <summary>An instant that has passed, but for the little that clocks differ: in the future young cohorts would count as mature.</summary>
    /// <returns>Now when unset.</returns>
    public static DateTimeOffset Past(Timestamp? value, string field, DateTimeOffset now, List<FieldProblem> problems) =>
        problems.Instant(field, value, now);

    /// <summary>What the ledger will know is not known: later than now means now, so that the answer stays the same for ever.</summary>
    public static DateTimeOffset Known(Timestamp? value, string field, DateTimeOffset now, List<FieldProblem> problems) =>
        Past(value, field, now, problems) is var instant && instant < now ? instant : now;

    /// <returns>Null when unset or broken.</returns>
    public static DateTimeOffset? Instant(Timestamp? value, string field, List<FieldProblem> problems)
    {
        if (value is null)
        {
            return null;
        }
        // The end of the time in question may lie ahead: nothing has happened there yet.
        return problems.Instant(field, value, DateTimeOffset.MaxValue - Fields.ClockTolerance);
    }

    public static void AtMost(string field, int count, int limit, List<FieldProblem> problems)
    {
        if (count > limit)
        {
            problems.Add(new(field, $"must be at most {limit}, and are {count}"));
        }
    }

    /// <summary>The answer has one figure for each: a second one of the same would be the same again.</summary>
    public static void Once<T>(string field, IList<T> values, List<FieldProblem> problems)
    {
        foreach (var (index, value) in values.Index().Where(item => values.Take(item.Index).Contains(item.Item)))
        {
            problems.Add(new($"{field}[{index}]", "must not repeat an earlier one"));
        }
    }

    public static void Defined<T>(T value, string field, List<FieldProblem> problems)
        where T : struct, System.Enum
    {
        if (!System.Enum.IsDefined(value))
        {
            problems.Add(new(field, "has a value that this version does not know"));
        }
    }

    /// <summary>A dimension of every tenant, or of this one's own.</summary>
    public static Dimension? Named(string name, string field, ReportingSettings settings, List<FieldProblem> problems)
    {
        var dimension = settings.Custom.Find(name);
        if (dimension is null)
        {
            problems.Add(new(field, $"must be one of {string.Join(", ", settings.Custom.Names.Take(MaxNames))}, and is '{name.Echo()}'"));
        }
        return dimension;
    }

    public static Domain.DimensionFilter? Filter(V1.DimensionFilter filter, int index, ReportingSettings settings, List<FieldProblem> problems)
    {
        var dimension = Named(filter.Dimension, $"filters[{index}].dimension", settings, problems);
        AtMost($"filters[{index}].values", filter.Values.Count, MaxValues, problems);
        if (filter.Values.Count == 0 && !filter.IncludeUnknown)
        {
            problems.Add(new($"filters[{index}].values", "is required, unless include_unknown is set"));
        }
        return dimension is null ? null : new Domain.DimensionFilter(dimension, [.. filter.Values, .. filter.IncludeUnknown ? new string?[] { null } : []]);
    }

    public static TimeSpan Span(Duration duration, string field, TimeSpan least, List<FieldProblem> problems)
    {
        if (duration.Seconds < 0 || duration.Nanos is < 0 or > 999_999_999 || duration.Seconds > Longest.TotalSeconds || duration.ToTimeSpan() < least)
        {
            problems.Add(new(field, least > TimeSpan.Zero ? "must be more than 0 and at most 3650 days" : "must be from 0 to 3650 days"));
            return least;
        }
        return duration.ToTimeSpan();
    }
}
