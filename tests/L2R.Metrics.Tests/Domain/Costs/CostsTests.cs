using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Costs;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Costs;

/// <summary>Small examples, worked by hand.</summary>
public sealed class CostsTests
{
    static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Later = January.AddYears(1);
    static readonly JourneyScope Scope = new() { AsOf = Later, KnownAt = Later };

    static EconomicsQuery Query(EconomicsKey by, PeriodKind? periods = null, int maxRows = 100) =>
        new(Scope, by, periods is { } kind ? new ReportingCalendar(kind, TimeZoneInfo.Utc) : null, "EUR", TimeZoneInfo.Utc, maxRows);

    /// <summary>One lead's journeys, each a list of stages with the day on which it entered them.</summary>
    static IReadOnlyList<JourneyFacts> Lead(Dimensions dimensions, params (Stage Stage, int Day)[][] journeys)
    {
        var lead = Guid.NewGuid();
        return Fold.Lead(
            journeys.SelectMany(stages => (Id: Guid.NewGuid(), stages) is var journey
                ? stages.Select((entry, seq) => new Transition
                {
                    TransitionId = Guid.NewGuid(),
                    LeadId = lead,
                    JourneyId = journey.Id,
                    To = entry.Stage,
                    OccurredAt = January.AddDays(entry.Day),
                    RecordedAt = January,
                    SourceSeq = seq,
                    Amount = entry.Stage == Stage.ClosedWon ? 1000 : null,
                    Currency = entry.Stage == Stage.ClosedWon ? "EUR" : null,
                    Dimensions = dimensions,
                })
                : []),
            Later,
            Later);
    }

    static Touch Cost(int day, string channel, decimal cost, string currency = "EUR") =>
        new(Guid.NewGuid(), Guid.NewGuid(), January.AddDays(day), channel, Campaign: null) { Cost = cost, Currency = currency };

    static SpendDetails Spend(string? channel, int firstDay, int lastDay, decimal amount) =>
        new(channel, "spring", new DateOnly(2026, 1, 1).AddDays(firstDay), new DateOnly(2026, 1, 1).AddDays(lastDay), amount, "EUR");

    static IReadOnlyList<EconomicsRow> Answer(EconomicsQuery query, IEnumerable<JourneyFacts> journeys, IEnumerable<Touch> touches, params SpendDetails[] spends)
    {
        var economics = new Economics(query);
        foreach (var journey in journeys)
        {
            economics.Add(journey);
        }
        foreach (var touch in touches)
        {
            economics.Add(touch);
        }
        foreach (var spend in spends)
        {
            economics.Add(spend);
        }
        return economics.ToAnswer();
    }

    [Fact]
    public void Cost_of_touches_and_spends_is_shared_among_those_who_came_by_the_same_channel()
    {
        var (ads, mail) = (new Dimensions { Channel = "ads", Motion = "new" }, new Dimensions { Channel = "mail", Motion = "expansion" });
        var rows = Answer(
            Query(EconomicsKey.Channel),
            [.. Lead(ads, [(Stage.Lead, 1), (Stage.Mql, 2), (Stage.ClosedWon, 9)]), .. Lead(ads, [(Stage.Lead, 3)]), .. Lead(mail, [(Stage.Lead, 4), (Stage.ClosedWon, 5)])],
            [Cost(1, "ads", 30), Cost(2, "ads", 7, "USD")],
            Spend("ads", 0, 30, 310));

        Assert.Equal(["ads", "mail"], rows.Select(row => row.Value));
        var (first, second) = (rows[0], rows[1]);
        Assert.Equal((30m, 310m, 340m, 7m), (first.Cost.OfTouches, first.Cost.OfSpends, first.Cost.Total, first.Cost.LeftOut["USD"]));
        Assert.Equal([2, 1, 1, 1, 1, 1], first.Reached);
        Assert.Equal([170m, 340m, 340m, 340m, 340m, 340m], Stages.Waterfall.Select(stage => first.CostPerReach(stage)!.Value));
        Assert.Equal((1L, 0L, 340m), (first.NewCustomers, first.ExistingCustomers, first.CostPerNewCustomer));
        Assert.Equal(1000d / 340d, first.WonPerCost);

        // No cost is known of it: none of its figures is 0.
        Assert.Equal((false, null, null, null), (second.Cost.IsKnown, second.CostPerReach(Stage.Lead), second.CostPerNewCustomer, second.WonPerCost));
        Assert.Equal((0L, 1L), (second.NewCustomers, second.ExistingCustomers));
    }

    [Fact]
    public void A_spend_that_reaches_over_an_edge_counts_by_its_days()
    {
        var spend = Spend("ads", 20, 49, 300); // 21 January to 19 February: 11 and 19 days

        var months = Answer(Query(EconomicsKey.All, PeriodKind.Month), [], [], spend);
        var cut = Answer(Query(EconomicsKey.All) with { Scope = Scope with { From = January.AddDays(25), To = January.AddDays(28) } }, [], [], spend);
        var soFar = Answer(Query(EconomicsKey.All) with { Scope = Scope with { AsOf = January.AddDays(20) } }, [], [], spend);

        Assert.Equal([("2026-01", 110m), ("2026-02", 190m)], months.Select(row => (row.Period!.Name, row.Cost.OfSpends)));
        Assert.Equal((30m, 10m), (cut[0].Cost.Total, soFar[0].Cost.Total));
    }

    [Fact]
    public void A_day_that_begins_before_midnight_UTC_is_of_the_period_of_its_own_zone()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");
        var query = Query(EconomicsKey.All) with { Zone = zone, Periods = new ReportingCalendar(PeriodKind.Month, zone) };

        Assert.Equal("2026-01", Assert.Single(Answer(query, [], [], Spend("ads", 0, 0, 5))).Period!.Name);
    }

    [Fact]
    public void What_does_not_divide_is_shared_to_the_billionth_and_nothing_is_lost()
    {
        var days = Spend(null, 0, 2, 1).Days().Select(day => day.Amount).ToList();

        Assert.Equal([0.333333333m, 0.333333334m, 0.333333333m], days);
    }

    [Fact]
    public void More_rows_than_allowed_are_refused() => Assert.Throws<TooManyGroupsException>(
        () => Answer(Query(EconomicsKey.Channel, maxRows: 1), [], [Cost(1, "ads", 1), Cost(1, "mail", 1)]));

    [Fact]
    public void Leads_wait_until_their_next_journey_starts_or_their_own_is_reopened()
    {
        var nurture = new Nurture(new(
            Scope with { AsOf = January.AddDays(100) }, new ReportingCalendar(PeriodKind.Month, TimeZoneInfo.Utc), TimeSpan.FromDays(30), "EUR", MaxPeriods: 10));
        var none = new Dimensions();
        List<JourneyFacts> journeys =
        [
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 10)], [(Stage.Lead, 40), (Stage.ClosedWon, 50)]), // again after 30 days
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 11)], [(Stage.Lead, 42)]), // a day too late
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 12), (Stage.Mql, 20), (Stage.ClosedWon, 60)]), // reopened
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 13)]), // waits still
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 80)]), // too young
            .. Lead(none, [(Stage.Lead, 0), (Stage.Recycled, 14)], [(Stage.Lead, 5)]), // its next journey had started
        ];
        foreach (var journey in journeys)
        {
            nurture.Add(journey);
        }
        var answer = nurture.ToAnswer();

        Assert.Equal((2L, 1L, 4L, 1L, 1L), (answer.Pool, answer.ReEntry.Converted, answer.ReEntry.N, answer.Reopened, answer.Immature));
        Assert.Equal(
            [("2026-01", 4L, 3L), ("2026-02", 0L, 1L), ("2026-03", 1L, 2L), ("2026-04", 0L, 2L)],
            answer.Periods.Select(period => (period.Period.Name, period.Recycled, period.Pool)));
        Assert.Equal([(1, 1L, 1000m), (2, 1L, 1000m)], answer.Wins.Select(win => (win.Number, win.Journeys, win.Won.Amount)));
    }

    [Fact]
    public void No_lead_to_follow_is_said_and_is_no_rate_of_0()
    {
        NurtureAnswer Ask(DateTimeOffset asOf, params IReadOnlyList<JourneyFacts>[] leads)
        {
            var nurture = new Nurture(new(Scope with { AsOf = asOf }, Periods: null, TimeSpan.FromDays(30), "EUR", MaxPeriods: 10));
            foreach (var journey in leads.SelectMany(lead => lead))
            {
                nurture.Add(journey);
            }
            return nurture.ToAnswer();
        }

        Assert.Equal((null, "no lead was recycled in this time"), (Ask(Later).ReEntry.Value, Ask(Later).ReEntry.Missing));
        Assert.Equal(
            "no lead that was recycled in this time has been followed for 30 days",
            Ask(January.AddDays(20), Lead(new(), [(Stage.Lead, 0), (Stage.Recycled, 10)])).ReEntry.Missing);
    }
}
