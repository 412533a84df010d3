using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts one pair of stages in one group.</summary>
sealed class PairTally(Pair pair, WaterfallQuery query)
{
    readonly long[] _mature = new long[query.Horizons.Count];
    readonly long[] _convertedWithin = new long[query.Horizons.Count];
    readonly List<long> _conversions = [];
    readonly List<long> _ends = [];
    readonly List<long> _censored = [];
    readonly List<long> _cohortDurations = [];
    readonly List<long> _throughputDurations = [];
    long _cohort;
    long _startedAbove;
    long _converted;
    long _open;
    long _cohortOutOfOrder;
    long _throughputOutOfOrder;

    /// <summary>Counts a journey by its R of the first stage.</summary>
    public void AddStart(JourneyFacts journey)
    {
        AddVelocity(journey, _cohortDurations, ref _cohortOutOfOrder);
        if (journey.StartedAt > pair.From)
        {
            _startedAbove++;
            return;
        }

        var start = journey.Reach(pair.From)!.Value.At;
        var followed = query.AsOf - start;
        var taken = journey.Reach(pair.To)?.At - start;
        _cohort++;
        for (var index = 0; index < query.Horizons.Count; index++)
        {
            if (followed >= query.Horizons[index])
            {
                _mature[index]++;
                _convertedWithin[index] += taken <= query.Horizons[index] ? 1 : 0;
            }
        }

        _converted += taken is null ? 0 : 1;
        _open += taken is null && journey.EndedAt is null ? 1 : 0;
        if (query.CurveTimes.Count > 0)
        {
            var (fate, time) = (taken, journey.EndedAt - start) switch
            {
                ({ } conversion, _) => (_conversions, conversion),
                (null, { } end) => (_ends, end),
                _ => (_censored, followed),
            };
            fate.Add(time.Ticks);
        }
    }

    /// <summary>Counts a journey by its R of the second stage.</summary>
    public void AddArrival(JourneyFacts journey) => AddVelocity(journey, _throughputDurations, ref _throughputOutOfOrder);

    void AddVelocity(JourneyFacts journey, List<long> durations, ref long outOfOrder)
    {
        outOfOrder += journey.IsOutOfOrder(pair.From, pair.To) ? 1 : 0;
        if (journey.Reach(pair.To) is { } end && !journey.IsInferred(pair.From) && !journey.IsInferred(pair.To))
        {
            durations.Add((end.At - journey.Reach(pair.From)!.Value.At).Ticks);
        }
    }

    /// <param name="reachFrom">Of the first stage, in the same group.</param>
    /// <param name="reachTo">Of the second.</param>
    public PairFigures ToFigures(long reachFrom, long reachTo) => new(
        pair,
        _cohort,
        _startedAbove,
        Rate.Of(_converted, _cohort, whyMissing: $"no journey was at risk at {pair.From.Name()}"),
        _open,
        reachFrom == 0 ? null : (double)reachTo / reachFrom,
        [.. query.Horizons.Select((horizon, index) => new HorizonFigures(
            horizon,
            Rate.Of(_convertedWithin[index], _mature[index], whyMissing: _cohort == 0
                ? $"no journey was at risk at {pair.From.Name()}"
                : "no journey has been followed for this long"),
            _cohort - _mature[index]))],
        AalenJohansen.Estimate(_conversions, _ends, _censored, query.CurveTimes),
        Velocity.Of(_cohortDurations, _cohortOutOfOrder),
        Velocity.Of(_throughputDurations, _throughputOutOfOrder));
}
