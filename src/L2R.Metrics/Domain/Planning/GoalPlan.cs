using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Domain.Planning;

/// <summary>A goal to be planned back.</summary>
/// <param name="Ways">The time of its scope is that of the history, by the journeys' starts; its dimension is not used.</param>
/// <param name="Amount">To be won, in the reporting currency. Null where <paramref name="Wins"/> is set.</param>
/// <param name="Wins">Journeys to be won.</param>
/// <param name="From">The first instant of the time in which it shall be won.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Months">Months of the reporting zone.</param>
public sealed record PlanQuery(WaysQuery Ways, decimal? Amount, long? Wins, DateTimeOffset From, DateTimeOffset To, ReportingCalendar Months);

/// <summary>A part of a month: what must reach a stage then.</summary>
/// <param name="Needed">0 or more.</param>
/// <param name="Reached">How many did. Null where all of it lies ahead.</param>
public sealed record MonthPlan(Period Month, DateTimeOffset From, DateTimeOffset To, double Needed, long? Reached);

/// <param name="Chain">To the next stage. Null for CLOSED_WON.</param>
/// <param name="MedianToWin">Null where nobody won with both ends known.</param>
/// <param name="Needed">Null where the history cannot say.</param>
/// <param name="Months">The time of the goal, a median earlier.</param>
public sealed record StagePlan(Stage Stage, Rate? Chain, TimeSpan? MedianToWin, double? Needed, IReadOnlyList<MonthPlan> Months)
{
    /// <summary>How many did reach it. Null where there are no months, or all lie ahead.</summary>
    public long? Reached => Months.Any(month => month.Reached is not null) ? Months.Sum(month => month.Reached) : null;
}

/// <param name="Journeys">Of the history.</param>
/// <param name="Won">Of them, those that were won.</param>
/// <param name="Average">Won amount per won journey. Null where none is won.</param>
/// <param name="NoPlan">Why the history cannot say what is needed. Null where it can.</param>
public sealed record GoalPlan(long Journeys, long Won, decimal? Average, IReadOnlyList<StagePlan> Stages, string? NoPlan);

/// <summary>Plans a goal back, from the facts of one journey after the other.</summary>
/// <remarks>Eight bytes for each stage reached in the time of the goal or up to a horizon before it: only in the end it is known when each stage is due.</remarks>
public sealed class GoalPlanning(PlanQuery query)
{
    /// <summary>With fewer wins neither their amount nor their time says much.</summary>
    public const int LeastWins = 5;

    readonly PeriodWays _ways = new(query.Ways);
    readonly List<long>[] _toWin = [.. Stages.Waterfall.Select(_ => new List<long>())];
    readonly List<long>[] _reached = [.. Stages.Waterfall.Select(_ => new List<long>())]; // as instants, in ticks
    readonly DateTimeOffset _firstDue = query.From - query.Ways.Horizon; // who won did so within it, so no median is longer

    public void Add(JourneyFacts journey)
    {
        _ways.Add(journey);
        if (!query.Ways.Scope.Selects(journey))
        {
            return;
        }
        foreach (var stage in Stages.Waterfall)
        {
            if (journey.Reach(stage) is { } reached && reached.At >= _firstDue && reached.At < query.To && query.Ways.Scope.Matches(journey, reached.Values))
            {
                _reached[(int)stage].Add(reached.At.UtcTicks);
            }
        }
        if (query.Ways.Scope.Reach(journey, Stage.Lead) is not { } start || start.At + query.Ways.Horizon is var until && until > query.Ways.Scope.AsOf
            || journey.Reach(Stage.ClosedWon) is not { } won || won.At > until)
        {
            return;
        }
        foreach (var stage in Stages.Waterfall.Where(stage => journey.StartedAt <= stage && !journey.IsInferred(stage)))
        {
            _toWin[(int)stage].Add((won.At - journey.Reach(stage)!.Value.At).Ticks);
        }
    }

    /// <remarks>reach_k = goal / (a · Π over j from k on of c_j), dated back by the median time from k to the win.</remarks>
    public GoalPlan ToAnswer()
    {
        var (ways, revenue) = (_ways.ToWays(), _ways.ToRevenue());
        var chain = Pair.All.Take(Way.Pairs).Select((pair, index) => Rate.Of(
            ways.Sum(way => way.Steps[index].Converted), ways.Sum(way => way.Steps[index].N), $"no journey reached {pair.From.Name()} in time")).ToArray();
        var won = ways.Sum(way => way.Won);
        var noPlan = NoPlan(chain, won, revenue.Won);

        var stages = new List<StagePlan>();
        double? needed = noPlan is not null ? null : query.Wins ?? (double)(query.Amount!.Value * won / revenue.Won);
        foreach (var stage in Stages.Waterfall.Reverse())
        {
            needed /= stage == Stage.ClosedWon ? 1 : chain[(int)stage].Value;
            _toWin[(int)stage].Sort();
            _reached[(int)stage].Sort();
            var median = stage == Stage.ClosedWon ? 0 : Quantile.Of(_toWin[(int)stage], 0.5);
            var back = median is { } ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : (TimeSpan?)null;
            stages.Add(new(stage, stage == Stage.ClosedWon ? null : chain[(int)stage], back, needed, needed is { } count && back is { } time ? Spread(stage, count, time) : []));
        }
        stages.Reverse();
        return new(revenue.Journeys, won, won == 0 ? null : revenue.Won / won, stages, noPlan);
    }

    string? NoPlan(Rate[] chain, long won, decimal amount)
    {
        var few = chain.Index().Where(step => step.Item.N < CurveQuantiles.Enough).Select(step => Stages.Waterfall[step.Index].Name()).ToList();
        var none = chain.Index().Where(step => step.Item.Converted == 0).Select(step => $"{Stages.Waterfall[step.Index].Name()} to {Stages.Waterfall[step.Index + 1].Name()}").ToList();
        return few.Count > 0 ? $"not enough data: fewer than {CurveQuantiles.Enough} journeys of the history reached {Plain.List(few)}"
            : won < LeastWins ? $"not enough data: fewer than {LeastWins} journeys of the history were won"
            : none.Count > 0 ? $"no journey of the history went from {Plain.List(none)} in time" // the wins started further down
            : query.Amount is not null && amount == 0 ? $"not enough data: no win of the history has an amount in {query.Ways.Currency}"
            : null;
    }

    List<MonthPlan> Spread(Stage stage, double needed, TimeSpan back)
    {
        var (from, to) = (query.From - back, query.To - back);
        var months = new List<MonthPlan>();
        for (var month = query.Months.PeriodOf(from); month.From < to; month = query.Months.After(month))
        {
            var (start, end) = (month.From > from ? month.From : from, month.To < to ? month.To : to);
            months.Add(new(month, start, end, needed * ((end - start) / (to - from)), start > query.Ways.Scope.AsOf ? null : Reached(stage, start, end)));
        }
        return months;
    }
    long Reached(Stage stage, DateTimeOffset from, DateTimeOffset to) =>
        AalenJohansen.CountFrom(_reached[(int)stage], from.UtcTicks) - AalenJohansen.CountFrom(_reached[(int)stage], to.UtcTicks);
}
