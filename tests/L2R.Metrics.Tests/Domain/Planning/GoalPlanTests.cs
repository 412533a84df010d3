using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Domain.Planning;
using Xunit;
using static L2R.Metrics.Tests.Domain.Planning.Walks;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>A goal planned back.</summary>
public sealed class GoalPlanTests
{
    static readonly DateTimeOffset AsOf = January.AddDays(60);
    static readonly TimeZoneInfo Amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    static PlanQuery Query(DateTimeOffset from, DateTimeOffset to, decimal? amount = 3_000, TimeZoneInfo? zone = null) => new(
        new(new() { AsOf = AsOf, KnownAt = AsOf }, ChangeBasis.Cohort, TimeSpan.FromDays(30), Dimension.Segment, "EUR", int.MaxValue),
        amount,
        amount is null ? 30 : null,
        from,
        to,
        new(PeriodKind.Month, zone ?? TimeZoneInfo.Utc));

    /// <summary>400 leads, 200 MQL, 100 SAL, 50 SQL, 40 opportunities, 10 wins of 100; each stage a day after the one before.</summary>
    static JourneyFacts[] History() =>
        [.. new[] { 200, 100, 50, 10, 30, 10 }.Index().SelectMany(last => last.Item.Times(() => Of(
            January, AsOf, "a", 100, [.. Stages.Waterfall.Where(stage => stage <= (Stage)last.Index).Select(stage => (stage, (double)stage))])))];

    static GoalPlan Plan(PlanQuery query, IEnumerable<JourneyFacts> journeys)
    {
        var planning = new GoalPlanning(query);
        foreach (var journey in journeys)
        {
            planning.Add(journey);
        }
        return planning.ToAnswer();
    }

    /// <summary>By hand: 30 wins over 0.25 are 120 opportunities, over 0.8 150 SQL, over 0.5 300 SAL, 600 MQL, 1,200 leads.</summary>
    [Fact]
    public void Each_stage_needs_the_goal_over_what_is_lost_from_there_on()
    {
        var (june, july) = (January.AddMonths(5), January.AddMonths(6));

        var plan = Plan(Query(june, july), History());

        Assert.Equal((400L, 10L, 100m, null), (plan.Journeys, plan.Won, plan.Average, plan.NoPlan));
        Assert.Equal([1_200, 600, 300, 150, 120, 30], plan.Stages.Select(stage => Math.Round(stage.Needed!.Value, 9)));
        Assert.Equal([5, 4, 3, 2, 1, 0], plan.Stages.Select(stage => stage.MedianToWin!.Value.TotalDays));
        Assert.Equal([0.5, 0.5, 0.5, 0.8, 0.25], plan.Stages.SkipLast(1).Select(stage => stage.Chain!.Value!.Value));

        // Opportunities are due from 31 May on: one day of thirty is in May.
        Assert.Equal(
            [("2026-05", june.AddDays(-1), june, 4.0), ("2026-06", june, july.AddDays(-1), 116.0)],
            plan.Stages[4].Months.Select(month => (month.Month.Name, month.From, month.To, Math.Round(month.Needed, 9))));
        Assert.Equal([("2026-06", 30.0)], plan.Stages[5].Months.Select(month => (month.Month.Name, month.Needed)));
        Assert.Equal(
            "EUR 3.0k takes 30 wins, 120 OPPORTUNITY, 150 SQL, 300 SAL, 600 MQL and 1,200 LEAD, about 5 days ahead, if journeys convert and bring what they did.",
            GoalWords.Summary(plan, Query(june, july)));
        Assert.Equal(plan.Stages.Select(stage => stage.Needed), Plan(Query(june, july, amount: null), History()).Stages.Select(stage => stage.Needed));
    }

    /// <summary>Eleven that were never SAL reach it by inference, two days before the win: the median is still that of the ten who were there.</summary>
    [Fact]
    public void A_stage_that_was_skipped_has_no_part_in_the_median()
    {
        var skipping = 11.Times(() => Of(January, AsOf, "a", 100, (Stage.Lead, 0), (Stage.Mql, 1), (Stage.Sql, 3), (Stage.Opportunity, 4), (Stage.ClosedWon, 5)));
        var late = 30.Times(() => Of(January, AsOf, "a", 100, (Stage.Lead, 0), (Stage.ClosedWon, 31))); // beyond the horizon

        var plan = Plan(Query(AsOf, AsOf.AddDays(30)), [.. History(), .. skipping, .. late]);

        Assert.Equal([5, 4, 3, 2, 1, 0], plan.Stages.Select(stage => stage.MedianToWin!.Value.TotalDays));
        Assert.Equal((441L, 21L), (plan.Journeys, plan.Won));
    }

    [Fact]
    public void Where_nobody_went_on_no_number_of_journeys_is_enough()
    {
        var stuck = 30.Times(() => Of(January, AsOf, "a", 100, (Stage.Lead, 0)));
        var bySales = 30.Times(() => Of(January, AsOf, "a", 100, (Stage.Mql, 0), (Stage.Sal, 1), (Stage.Sql, 2), (Stage.Opportunity, 3), (Stage.ClosedWon, 4)));

        var plan = Plan(Query(AsOf, AsOf.AddDays(30)), [.. stuck, .. bySales]);

        Assert.Equal("no journey of the history went from LEAD to MQL in time", plan.NoPlan);
        Assert.All(plan.Stages, stage => Assert.Null(stage.Needed));
    }

    [Fact]
    public void Months_are_those_of_the_reporting_zone_and_their_parts_sum_to_the_whole()
    {
        var plan = Plan(Query(January.AddMonths(2), January.AddMonths(5), zone: Amsterdam), History());

        Assert.All(plan.Stages, stage => Assert.Equal(stage.Needed!.Value, stage.Months.Sum(month => month.Needed), 1e-9));
        Assert.Equal(January.AddMonths(3).AddHours(-2), plan.Stages[0].Months[^2].From); // midnight of 1 April in Amsterdam
        Assert.Equal(["2026-02", "2026-03", "2026-04"], plan.Stages[0].Months.Take(3).Select(month => month.Month.Name));
    }

    /// <summary>The goal is of 6 January on: leads were due from the 1st on, when the 400 came; the second half of the time lies ahead.</summary>
    [Fact]
    public void What_was_reached_stands_beside_what_was_needed()
    {
        var plan = Plan(Query(January.AddDays(5), AsOf.AddDays(65)), History());

        Assert.Equal([400, 200, 100, 50, 40, 10], plan.Stages.Select(stage => stage.Reached!.Value));
        Assert.Equal(["2026-01", "2026-02", "2026-03", "2026-04"], plan.Stages[0].Months.Select(month => month.Month.Name));
        Assert.Equal([400L, 0L, 0L, null], plan.Stages[0].Months.Select(month => month.Reached));

        var ahead = Query(AsOf.AddDays(90), AsOf.AddDays(100));
        var later = Plan(ahead, History());
        Assert.All(later.Stages, stage => Assert.Null(stage.Reached));
    }

    /// <summary>Leads come at the first instant of the time in which they are due, or of the day before it.</summary>
    [Fact]
    public void What_was_reached_before_it_was_due_or_after_it_is_not_of_the_plan()
    {
        static long?[] Reached(int first, int last) =>
            [.. Plan(Query(January.AddDays(first), January.AddDays(last)), History()).Stages.Select(stage => stage.Reached)];

        Assert.Equal([400, 200, 100, 50, 40, 10], Reached(5, 6));
        Assert.Equal([0, 0, 0, 0, 0, 0], Reached(6, 7));
        Assert.Equal([0, 0, 0, 0, 0, 0], Reached(4, 5));
    }

    [Fact]
    public void Too_little_history_plans_nothing_and_says_why()
    {
        var query = Query(AsOf, AsOf.AddDays(30));
        var few = Plan(query, History().Where(journey => journey.Reach(Stage.Opportunity) is null));

        Assert.Equal("not enough data: fewer than 30 journeys of the history reached SQL and OPPORTUNITY", few.NoPlan);
        Assert.All(few.Stages, stage => Assert.Equal((null, 0), (stage.Needed, stage.Months.Count)));
        Assert.StartsWith("not enough data: fewer than 5 journeys", Plan(query, History().SkipLast(6)).NoPlan, StringComparison.Ordinal);
        Assert.Equal(
            "not enough data: no win of the history has an amount in USD",
            Plan(query with { Ways = query.Ways with { Currency = "USD" } }, History()).NoPlan);
        Assert.StartsWith("EUR 3.0k cannot be planned back: not enough data", GoalWords.Summary(few, query), StringComparison.Ordinal);
    }
}
