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
public sealed record MonthPlan(Period Month, DateTimeOffset From, DateTimeOffset To, double Needed);

/// <param name="Chain">To the next stage. Null for CLOSED_WON.</param>
/// <param name="MedianToWin">Null where nobody won with both ends known.</param>
/// <param name="Needed">Null where the history cannot say.</param>
/// <param name="Months">The time of the goal, a median earlier.</param>
public sealed record StagePlan(Stage Stage, Rate? Chain, TimeSpan? MedianToWin, double? Needed, IReadOnlyList<MonthPlan> Months);

/// <param name="Journeys">Of the history.</param>
/// <param name="Won">Of them, those that were won.</param>
/// <param name="Average">Won amount per won journey. Null where none is won.</param>
/// <param name="NoPlan">Why the history cannot say what is needed. Null where it can.</param>
public sealed record GoalPlan(long Journeys, long Won, decimal? Average, IReadOnlyList<StagePlan> Stages, string? NoPlan);

/// <summary>Plans a goal back, from the facts of one journey after the other.</summary>
public sealed class GoalPlanning(PlanQuery query)
{
    /// <summary>With fewer wins neither their amount nor their time says much.</summary>
    public const int LeastWins = 5;

    readonly PeriodWays _ways = new(query.Ways);
    readonly List<long>[] _toWin = [.. Stages.Waterfall.Select(_ => new List<long>())];

    public void Add(JourneyFacts journey)
    {
        _ways.Add(journey);
        if (!query.Ways.Scope.Selects(journey) || query.Ways.Scope.Reach(journey, Stage.Lead) is not { } start
            || start.At + query.Ways.Horizon is var until && until > query.Ways.Scope.AsOf
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
            var median = stage == Stage.ClosedWon ? 0 : Quantile.Of(_toWin[(int)stage], 0.5);
            var back = median is { } ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : (TimeSpan?)null;
            stages.Add(new(stage, stage == Stage.ClosedWon ? null : chain[(int)stage], back, needed, needed is { } count && back is { } time ? Spread(count, time) : []));
        }
        stages.Reverse();
        return new(revenue.Journeys, won, won == 0 ? null : revenue.Won / won, stages, noPlan);
    }

    string? NoPlan(Rate[] chain, long won, decimal amount)
    {
        var few = chain.Index().Where(step => step.Item.N < CurveQuantiles.Enough).Select(step => Stages.Waterfall[step.Index].Name()).ToList();
        return few.Count > 0 ? $"not enough data: fewer than {CurveQuantiles.Enough} journeys of the history reached {Plain.List(few)}"
            : won < LeastWins ? $"not enough data: fewer than {LeastWins} journeys of the history were won"
            : query.Amount is not null && amount == 0 ? $"not enough data: no win of the history has an amount in {query.Ways.Currency}"
            : null;
    }

    List<MonthPlan> Spread(double needed, TimeSpan back)
    {
        var (from, to) = (query.From - back, query.To - back);
        var months = new List<MonthPlan>();
        for (var month = query.Months.PeriodOf(from); month.From < to; month = query.Months.After(month))
        {
            var (start, end) = (month.From > from ? month.From : from, month.To < to ? month.To : to);
            months.Add(new(month, start, end, needed * ((end - start) / (to - from))));
        }
        return months;
    }
}

/// <summary>Counts what was reached of a plan, from the facts of one journey after the other.</summary>
public sealed class PlanProgress(GoalPlan plan, JourneyScope scope)
{
    readonly long[][] _reached = [.. plan.Stages.Select(stage => new long[stage.Months.Count])];

    public void Add(JourneyFacts journey)
    {
        if (!scope.Selects(journey))
        {
            return;
        }
        foreach (var (index, stage) in plan.Stages.Index())
        {
            if (stage.Months.Count > 0 && journey.Reach(stage.Stage) is { } reached && reached.At >= stage.Months[0].From
                && scope.Matches(journey, reached.Values) && stage.Months.Index().FirstOrDefault(month => reached.At < month.Item.To) is { Item: not null } found)
            {
                _reached[index][found.Index]++;
            }
        }
    }

    /// <returns>Null where all of the month lies ahead.</returns>
    public long? Of(StagePlan stage, MonthPlan month)
    {
        var index = plan.Stages.Index().First(known => known.Item == stage).Index;
        return month.From > scope.AsOf ? null : _reached[index][stage.Months.Index().First(known => known.Item == month).Index];
    }

    /// <returns>Null where there are no months, or all lie ahead.</returns>
    public long? Of(StagePlan stage) => stage.Months.Sum(month => Of(stage, month)) is var sum && stage.Months.Any(month => Of(stage, month) is not null) ? sum : null;
}
