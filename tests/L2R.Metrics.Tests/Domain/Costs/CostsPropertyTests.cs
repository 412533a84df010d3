using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Costs;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Costs;

/// <summary>Random ledgers with costs against the definitions, each figure asked of the rows anew.</summary>
public sealed class CostsPropertyTests
{
    static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    [Fact]
    public void Cost_reach_and_customers_are_those_of_the_definitions() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(RandomCase.Any, given =>
        {
            var query = new EconomicsQuery(
                Scope(given.Query) with { Filters = [] }, (EconomicsKey)(given.Rows.Count % 3), given.Query.Periods, "EUR", Zone, int.MaxValue);
            var rows = given.Rows.Select(row => row with { Dimensions = row.Dimensions with { Motion = MotionOf(row) } });
            var economics = given.FactsOf(rows, given.Query.AsOf, given.Query.KnownAt).Gather(() => new Economics(query));
            List<Touch> touches = [.. given.Rows.Select(Touch)];
            touches.ForEach(economics.Add);
            List<SpendDetails> spends = [.. given.Rows.Select(Spend)];
            spends.ForEach(economics.Add);

            Assert.Equal(Naive(given, query, touches, spends), economics.ToAnswer().Select(Text).Order(StringComparer.Ordinal));
        }));

    [Fact]
    public void The_pool_re_entry_and_wins_by_number_are_those_of_the_definitions() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(RandomCase.Any, given =>
        {
            var query = new NurtureQuery(Scope(given.Query), given.Query.Periods, TimeSpan.FromDays(5), "EUR", int.MaxValue);
            var answer = given.Facts().Gather(() => new Nurture(query)).ToAnswer();

            var naive = new NaiveNurture(given, query);
            Assert.Equal(naive.PoolAt(query.Scope.AsOf), answer.Pool);
            Assert.Equal(naive.Counts, (answer.ReEntry.Converted, answer.ReEntry.N, answer.Reopened, answer.Immature));
            Assert.Equal(naive.Wins, answer.Wins.Select(win => $"{win.Number}: {win.Journeys} {Text(win.Won)}"));
            Assert.All(answer.Periods, period =>
            {
                var end = period.Period.To > query.Scope.AsOf ? query.Scope.AsOf : period.Period.To.AddTicks(-1);
                Assert.Equal(naive.PoolAt(end), period.Pool);
            });
            if (query.Periods is not null)
            {
                Assert.Equal(answer.ReEntry.N + answer.Immature, answer.Periods.Sum(period => period.Recycled));
            }
        }));

    static JourneyScope Scope(WaterfallQuery query) =>
        new() { AsOf = query.AsOf, KnownAt = query.KnownAt, From = query.From, To = query.To, Filters = query.Filters };

    /// <summary>Random ledgers have none of their own.</summary>
    static string? MotionOf(Transition row) => row.Dimensions.Team switch { "a" => "new", "b" => "renewal", _ => null };

    static Touch Touch(Transition row) => new(row.TransitionId, row.LeadId, row.OccurredAt, row.Dimensions.Channel, row.Dimensions.Segment)
    {
        Cost = row.Amount,
        Currency = row.Currency,
    };

    static SpendDetails Spend(Transition row)
    {
        var day = DateOnly.FromDateTime(row.OccurredAt.UtcDateTime);
        return new(row.Dimensions.Channel, row.Dimensions.Segment, day, day.AddDays((int)row.SourceSeq * 3), row.Amount ?? 0, row.Currency ?? "EUR");
    }

    static string Text(EconomicsRow row) => Text(
        row.Period?.Name, row.Value, row.Cost.IsKnown, row.Cost.OfTouches, row.Cost.OfSpends, row.Cost.LeftOut.Values.Sum(), row.Reached,
        row.NewCustomers, row.ExistingCustomers, row.UnknownMotion, Text(row.Won));

    static string Text(
        string? period, string? value, bool isKnown, decimal touches, decimal spends, decimal other, IEnumerable<long> reached,
        long fresh, long existing, long unknown, string won) => FormattableString.Invariant(
            $"{period} '{value}' {isKnown} {touches:0.#########} {spends:0.#########} {other:0.#########} {string.Join(' ', reached)} {fresh}/{existing}/{unknown} {won}");

    static string Text(WonSum won) =>
        FormattableString.Invariant($"{won.Count} wins {won.Amount:0.##} EUR {won.WithoutAmount} without {string.Join(' ', won.LeftOut.Select(sum => $"{sum.Value:0.##} {sum.Key}"))}");

    internal static string Won(IEnumerable<Transition> rows)
    {
        List<Transition> wins = [.. rows];
        var others = wins.Where(win => win.Amount is not null && win.Currency != "EUR").GroupBy(win => win.Currency)
            .Select(sum => FormattableString.Invariant($"{sum.Sum(win => win.Amount):0.##} {sum.Key}"));
        var amount = wins.Where(win => win.Currency == "EUR").Sum(win => win.Amount);
        return FormattableString.Invariant($"{wins.Count} wins {amount:0.##} EUR {wins.Count(win => win.Amount is null)} without {string.Join(' ', others)}");
    }

    /// <summary>A line for each row; every instant at which something happened is sorted into a row, and each row asks for its own.</summary>
    static IEnumerable<string> Naive(RandomCase given, EconomicsQuery query, List<Touch> touches, List<SpendDetails> spends)
    {
        var answers = new NaiveAnswers(given.With(asked => asked with { Filters = [], Journeys = JourneySelection.Any }));
        bool In(DateTimeOffset at) => answers.InTime(at) && at <= query.Scope.AsOf;
        string RowOf(DateTimeOffset at, string? channel, string? campaign) => $"{query.Periods?.PeriodOf(at).Name}|{query.By switch
        {
            EconomicsKey.Channel => channel,
            EconomicsKey.Campaign => campaign,
            _ => "",
        }}";
        string RowOfJourney(NaiveJourney journey, DateTimeOffset at) => RowOf(at, journey.Rows[0].Dimensions.Channel, journey.Rows[0].Dimensions.Campaign);

        var costs = touches.Where(touch => touch.Cost is not null && In(touch.At))
            .Select(touch => (Row: RowOf(touch.At, touch.Channel, touch.Campaign), Cost: touch.Cost!.Value, touch.Currency, IsSpend: false)).ToList();
        foreach (var spend in spends)
        {
            var days = Enumerable.Range(0, spend.LastDay.DayNumber - spend.FirstDay.DayNumber + 1).ToList();
            costs.AddRange(
                from index in days
                let midnight = spend.FirstDay.AddDays(index).ToDateTime(TimeOnly.MinValue)
                let start = new DateTimeOffset(midnight, Zone.GetUtcOffset(midnight)) // Amsterdam's clocks change at night, but not at midnight
                where In(start)
                let part = Math.Round(spend.Amount * (index + 1) / days.Count, 9) - Math.Round(spend.Amount * index / days.Count, 9)
                select (RowOf(start, spend.Channel, spend.Campaign), part, spend.Currency, true)!);
        }
        var reached = (
            from journey in answers.Journeys
            from stage in Stages.Waterfall
            let at = journey.Reach(stage)?.OccurredAt
            where at is not null && answers.InTime(at.Value)
            select (Row: RowOfJourney(journey, at.Value), Stage: stage, Journey: journey)).ToList();
        var wins = answers.Journeys.SelectMany(journey => journey.Entries(Stage.ClosedWon).Where(win => answers.InTime(win.OccurredAt))
            .Select(win => (Row: RowOfJourney(journey, win.OccurredAt), Win: win))).ToList();
        IEnumerable<string> rows = costs.Select(cost => cost.Row).Concat(reached.Select(reach => reach.Row)).Concat(wins.Select(win => win.Row)).Distinct();
        if (query is { By: EconomicsKey.All, Periods: null })
        {
            rows = ["|"];
        }
        return rows.Select(row =>
        {
            var (ours, others) = (costs.Where(cost => cost.Row == row && cost.Currency == "EUR").ToList(), costs.Where(cost => cost.Row == row && cost.Currency != "EUR"));
            var won = reached.Where(reach => reach.Row == row && reach.Stage == Stage.ClosedWon).ToLookup(reach => MotionOf(reach.Journey.Rows[0]));
            return Text(
                row.Split('|')[0], row.Split('|')[1], ours.Count > 0, ours.Where(cost => !cost.IsSpend).Sum(cost => cost.Cost), ours.Where(cost => cost.IsSpend).Sum(cost => cost.Cost),
                others.Sum(cost => cost.Cost), Stages.Waterfall.Select(stage => (long)reached.Count(reach => reach.Row == row && reach.Stage == stage)),
                won["new"].Count(), won["renewal"].Count(), won[null].Count(), Won(wins.Where(win => win.Row == row).Select(win => win.Win)));
        }).Order(StringComparer.Ordinal);
    }
}
