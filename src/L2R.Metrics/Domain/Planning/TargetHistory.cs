using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Domain.Planning;

/// <summary>A question what could be aimed at.</summary>
/// <param name="Scope">Its time is not used.</param>
/// <param name="Periods">What the history is cut into.</param>
/// <param name="Horizon">Of conversions and medians.</param>
/// <param name="Dimension">For each of its values too. Null: for all journeys alone.</param>
/// <param name="MaxValues">A dimension with more is refused by a <see cref="TooManyGroupsException"/>.</param>
public sealed record SuggestionQuery(JourneyScope Scope, ReportingCalendar Periods, TimeSpan Horizon, Dimension? Dimension, int MaxValues);

/// <summary>What one figure of one pair could aim at.</summary>
/// <param name="IsSegment">Only the journeys with <paramref name="Value"/>.</param>
/// <param name="Value">Of the dimension. Null: unknown, or all journeys.</param>
/// <param name="Periods">With enough data, of the last <see cref="TargetHistory.PeriodsLookedAt"/> mature ones.</param>
/// <param name="Typical">Their median: journeys, a share, or days. Null where there are too few.</param>
/// <param name="Ambitious">Their better quarter. Null where there are too few.</param>
public sealed record TargetSuggestion(Pair Pair, bool IsSegment, string? Value, Measure Measure, int Periods, double? Typical, double? Ambitious)
{
    /// <summary>In a sentence.</summary>
    public string Sentence(SuggestionQuery query)
    {
        var period = query.Periods.Kind == PeriodKind.FiscalYear ? "fiscal year" : query.Periods.Kind.ToString().ToLowerInvariant();
        var name = Plain.Name(Pair) + (IsSegment ? $" of {query.Dimension!.Name} {Value ?? "unknown"}" : "");
        if (Typical is not { } typical || Ambitious is not { } ambitious)
        {
            var what = Measure switch { Measure.Volume => "volume", Measure.Conversion => "conversion", _ => "velocity" };
            return $"{name}: no target of {what}; of the last {TargetHistory.PeriodsLookedAt} mature {period}s {Periods} have enough data.";
        }
        return Measure switch
        {
            Measure.Volume => Plain.Text($"{name}: {typical:#,0} to {ambitious:#,0} a {period}."),
            Measure.Conversion => $"{name}: {Plain.Percent(typical)} to {Plain.Percent(ambitious)} within {Plain.Days(query.Horizon)}.",
            _ => $"{name}: half within {Plain.Time(TimeSpan.FromDays(typical))} to {Plain.Time(TimeSpan.FromDays(ambitious))}.",
        };
    }
}

/// <summary>Suggests targets, from the facts of one journey after the other.</summary>
public sealed class TargetHistory
{
    /// <summary>How many mature periods a suggestion rests on.</summary>
    public const int PeriodsLookedAt = 8;

    readonly SuggestionQuery _query;
    readonly List<Period> _ended;
    readonly List<Period> _mature;
    readonly Dictionary<(Pair Pair, bool IsSegment, string? Value), Tally> _tallies = [];
    readonly HashSet<string> _values = [];
    DateTimeOffset? _earliest;

    public TargetHistory(SuggestionQuery query)
    {
        _query = query;
        _ended = LastBefore(query.Scope.AsOf);
        _mature = _ended.Count == 0 ? [] : LastBefore(query.Scope.AsOf - query.Horizon);
        foreach (var pair in Pair.All)
        {
            _tallies.Add((pair, false, null), new());
        }
    }

    /// <summary>The first instant of the periods looked at. Null: there are none.</summary>
    public DateTimeOffset? Since => _mature.Count > 0 ? _mature[0].From : _ended.Count > 0 ? _ended[0].From : null;

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        if (!_query.Scope.Selects(journey))
        {
            return;
        }
        if (_query.Scope.Reach(journey, Stage.Lead) is { } start && !(start.At >= _earliest))
        {
            _earliest = start.At;
        }
        foreach (var pair in Pair.All)
        {
            if (_query.Scope.Reach(journey, pair.To) is { } arrived && IndexOf(_ended, arrived.At) is var ended and >= 0)
            {
                ForEach(journey, pair, arrived, tally => tally.Volume[ended]++);
            }
            if (journey.StartedAt <= pair.From && _query.Scope.Reach(journey, pair.From) is { } left && IndexOf(_mature, left.At) is var mature and >= 0)
            {
                var taken = journey.Reach(pair.To)?.At - left.At;
                ForEach(journey, pair, left, tally => tally.AddCohort(
                    mature, taken <= _query.Horizon, journey.IsInferred(pair.From) || journey.IsInferred(pair.To) ? null : taken?.Ticks));
            }
        }
    }

    /// <returns>Of all journeys, then value by value, unknown first; pair by pair.</returns>
    public IReadOnlyList<TargetSuggestion> ToAnswer() =>
    [
        .. from tally in _tallies.OrderBy(tally => tally.Key.IsSegment).ThenBy(tally => tally.Key.Value, StringComparer.Ordinal)
           group tally by (tally.Key.IsSegment, tally.Key.Value) into segment
           from pair in Pair.All
           let tally = segment.FirstOrDefault(each => each.Key.Pair == pair).Value ?? new()
           from suggestion in new[]
           {
               Of(new Measure.Volume(), [.. _ended.Index().Where(period => period.Item.From >= _earliest).Select(period => (double)tally.Volume[period.Index])], 0.75),
               Of(new Measure.Conversion(_query.Horizon), tally.Ratios(_mature.Count), 0.75),
               Of(new Measure.Velocity(_query.Horizon), tally.Medians(_mature.Count), 0.25),
           }
           select suggestion with { Pair = pair, IsSegment = segment.Key.IsSegment, Value = segment.Key.Value },
    ];

    static TargetSuggestion Of(Measure measure, List<double> periods, double better)
    {
        periods.Sort();
        var isEnough = periods.Count == PeriodsLookedAt;
        return new(Pair.All[0], false, null, measure, periods.Count, isEnough ? Quantile.OfFigures(periods, 0.5) : null, isEnough ? Quantile.OfFigures(periods, better) : null);
    }

    void ForEach(JourneyFacts journey, Pair pair, Reached reached, Action<Tally> count)
    {
        count(_tallies[(pair, false, null)]);
        if (_query.Dimension is not { } dimension)
        {
            return;
        }
        var value = dimension.ValueOf(journey, reached.Values);
        if (!_tallies.TryGetValue((pair, true, value), out var tally))
        {
            if (value is not null && _values.Add(value) && _values.Count > _query.MaxValues)
            {
                throw new TooManyGroupsException(_query.MaxValues, longer: null, from: null);
            }
            _tallies.Add((pair, true, value), tally = new());
        }
        count(tally);
    }

    /// <summary>The last periods that end by an instant, oldest first.</summary>
    List<Period> LastBefore(DateTimeOffset instant)
    {
        const int oldest = 1900; // before it the calendar has nothing to say
        var periods = new List<Period>();
        if (instant.Year < oldest + 100)
        {
            return periods;
        }
        var period = _query.Periods.PeriodOf(instant);
        while (periods.Count < PeriodsLookedAt)
        {
            if (period.To <= instant)
            {
                periods.Insert(0, period);
            }
            period = _query.Periods.PeriodOf(period.From.AddTicks(-1));
        }
        return periods;
    }

    static int IndexOf(List<Period> periods, DateTimeOffset instant) => periods.FindIndex(period => instant >= period.From && instant < period.To);

    /// <summary>The periods of one pair and segment.</summary>
    sealed class Tally
    {
        readonly long[] _n = new long[PeriodsLookedAt];
        readonly long[] _converted = new long[PeriodsLookedAt];
        readonly List<long>[] _durations = [.. Enumerable.Range(0, PeriodsLookedAt).Select(_ => new List<long>())];

        public long[] Volume { get; } = new long[PeriodsLookedAt];

        public void AddCohort(int period, bool isConverted, long? taken)
        {
            _n[period]++;
            if (isConverted)
            {
                _converted[period]++;
                _durations[period].AddRange(taken is { } ticks ? [ticks] : []);
            }
        }

        public List<double> Ratios(int periods) =>
            [.. Enumerable.Range(0, periods).Where(period => _n[period] >= CurveQuantiles.Enough).Select(period => (double)_converted[period] / _n[period])];

        public List<double> Medians(int periods) => [.. Enumerable.Range(0, periods).Where(period => _durations[period].Count >= CurveQuantiles.Enough).Select(period =>
        {
            _durations[period].Sort();
            return Quantile.Of(_durations[period], 0.5)!.Value / TimeSpan.TicksPerDay;
        })];
    }
}
