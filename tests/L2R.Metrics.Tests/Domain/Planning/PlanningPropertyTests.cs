using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Domain.Planning;
using L2R.Metrics.Tests.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>What holds of plans and suggestions for every history and every question.</summary>
public sealed class PlanningPropertyTests
{
    static readonly TimeZoneInfo Amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    [Fact]
    public void Every_plan_is_what_the_definitions_say()
    {
        var plans = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(600), Prop.ForAll(RandomCase.Any, given =>
        {
            var history = new RandomHistory(given, days: 12, timesADay: 5);
            var query = Query(given, history);
            var planning = new GoalPlanning(query);
            foreach (var journey in history.Facts())
            {
                planning.Add(journey);
            }
            var plan = planning.ToAnswer();

            var journeys = history.Journeys();
            var naive = new NaiveRevenue(journeys, query.Ways, query.Ways.Scope.From ?? DateTimeOffset.MinValue, query.Ways.Scope.To ?? DateTimeOffset.MaxValue);
            var steps = Enumerable.Range(0, 5).Select(naive.Step).ToArray();
            Assert.Equal((naive.Journeys, steps[4].Converted), ((int)plan.Journeys, (int)plan.Won));
            Assert.Equal(steps.All(step => step is { N: >= 30, Converted: > 0 }) && steps[4].Converted >= 5 && naive.Won > 0, plan.NoPlan is null);
            foreach (var stage in plan.Stages)
            {
                var times = TimesToWin(journeys, query, stage.Stage);
                Assert.Equal(
                    stage.Stage == Stage.ClosedWon ? 0 : times.Count == 0 ? null : (times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2,
                    stage.MedianToWin?.TotalDays);
                if (plan.NoPlan is not null)
                {
                    Assert.True(stage is { Needed: null, Months: [] });
                    continue;
                }
                var needed = steps.Skip((int)stage.Stage).Aggregate((double)query.Amount!.Value * steps[4].Converted / (double)naive.Won, (count, step) => count * step.N / step.Converted);
                Assert.Equal(1, stage.Needed!.Value / needed, 1e-9);
                AssertMonths(stage, query, journeys);
            }
            plans += plan.NoPlan is null ? 1 : 0;
        }));
        Assert.True(plans > 10, $"{plans} histories said what is needed.");
    }

    [Fact]
    public void Every_suggestion_is_what_the_definitions_say()
    {
        var told = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(RandomCase.Any, given =>
        {
            var history = new RandomHistory(given, days: 24, timesADay: 30);
            var query = new SuggestionQuery(
                Scope(history),
                new(PeriodKind.Day, Amsterdam),
                TimeSpan.FromDays(given.Rows.Count % 2 == 0 ? 2 : 9),
                history.Query.GroupBy is [var dimension, ..] ? dimension : null,
                MaxValues: 100);
            var targets = new TargetHistory(query);
            foreach (var journey in history.Facts())
            {
                targets.Add(journey);
            }
            var answer = targets.ToAnswer();

            var naive = new NaiveSuggestions(history.Journeys(), query).ToLines().ToList();
            Assert.Equal(naive, answer.Select(NaiveSuggestions.Line));
            told += answer.Count(suggestion => suggestion.Typical is not null && suggestion.Measure is not Measure.Volume);
        }));
        Assert.True(told > 40, $"{told} conversions and velocities were suggested.");
    }

    static List<double> TimesToWin(List<NaiveJourney> journeys, PlanQuery query, Stage stage)
    {
        var scope = query.Ways.Scope;
        return
        [
            .. from journey in journeys
               let start = journey.Reach(Stage.Lead)
               let won = journey.Reach(Stage.ClosedWon)
               where start is not null && won is not null && !(start.OccurredAt < scope.From) && !(start.OccurredAt >= scope.To) && Matches(scope, journey, start)
                   && start.OccurredAt + query.Ways.Horizon <= scope.AsOf && won.OccurredAt - start.OccurredAt <= query.Ways.Horizon && start.To <= stage
               let reached = journey.Reach(stage)
               where reached.To == stage
               let days = (won.OccurredAt - reached.OccurredAt).TotalDays
               orderby days
               select days,
        ];
    }

    static void AssertMonths(StagePlan stage, PlanQuery query, List<NaiveJourney> journeys)
    {
        if (stage.MedianToWin is not { } back)
        {
            Assert.Empty(stage.Months);
            return;
        }
        Assert.Equal((query.From - back, query.To - back), (stage.Months[0].From, stage.Months[^1].To));
        Assert.Equal(stage.Needed!.Value, stage.Months.Sum(month => month.Needed), 1e-6);
        foreach (var month in stage.Months)
        {
            Assert.Equal(stage.Needed.Value * ((month.To - month.From) / (query.To - query.From)), month.Needed, 1e-6);
            Assert.True(month.From >= month.Month.From && month.To <= month.Month.To && month.From < month.To);
            var reached = journeys.Count(journey => journey.Reach(stage.Stage) is { } row
                && row.OccurredAt >= month.From && row.OccurredAt < month.To && Matches(query.Ways.Scope, journey, row));
            Assert.Equal(month.From > query.Ways.Scope.AsOf ? null : reached, month.Reached);
        }
    }

    static bool Matches(JourneyScope scope, NaiveJourney journey, Transition row) =>
        scope.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, row)));

    static PlanQuery Query(RandomCase given, RandomHistory history)
    {
        var from = history.Query.AsOf.AddHours(7 * ((given.Rows.Count * 11 % 90) - 45));
        return new(
            new(
                Scope(history) with { From = given.Query.From, Filters = given.Rows.Count % 2 == 0 ? [] : given.Query.Filters },
                ChangeBasis.Cohort,
                TimeSpan.FromDays(given.Rows.Count % 2 == 0 ? 14 : 25),
                Dimension.Channel,
                given.Rows.FirstOrDefault(row => row.To == Stage.ClosedWon && row.Amount > 0)?.Currency ?? "EUR",
                MaxValues: 100),
            Amount: 1_000 + given.Rows.Count,
            Wins: null,
            from,
            from.AddDays(20),
            new(PeriodKind.Month, Amsterdam));
    }

    static JourneyScope Scope(RandomHistory history) => new()
    {
        AsOf = history.Query.AsOf,
        KnownAt = history.Query.KnownAt,
        Filters = history.Query.Filters,
        Journeys = history.Query.Journeys,
    };
}
