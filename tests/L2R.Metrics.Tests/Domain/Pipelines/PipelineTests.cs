using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Pipelines;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Pipelines;

/// <summary>Small examples, worked by hand.</summary>
public sealed class PipelineTests
{
    static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly Guid A = Guid.NewGuid();
    static readonly Guid B = Guid.NewGuid();

    static PipelineQuery Query(int asOfDay = 100, double? winProbability = null) => new(
        new JourneyScope { AsOf = January.AddDays(asOfDay), KnownAt = January.AddYears(1) }, Periods: null, [], TimeSpan.FromDays(2), winProbability, "EUR", MaxRows: 100);

    static Transition Row(Stage to, double day, Guid? opportunity = null, decimal? amount = null, string currency = "EUR", Dimensions? values = null) => new()
    {
        TransitionId = Guid.NewGuid(),
        LeadId = Guid.Empty,
        JourneyId = Guid.Empty,
        To = to,
        OpportunityId = opportunity,
        OccurredAt = January.AddDays(day),
        RecordedAt = January,
        SourceSeq = 1,
        Amount = amount,
        Currency = amount is null ? null : currency,
        Dimensions = values ?? Dimensions.None,
    };

    static PipelineAnswer Ask(PipelineQuery query, params Transition[][] journeys) => journeys
        .SelectMany(rows => Guid.NewGuid() is var id
            ? Fold.Lead(rows.Select((row, seq) => row with { LeadId = id, JourneyId = id, SourceSeq = seq }), query.Scope.AsOf, query.Scope.KnownAt)
            : [])
        .Gather(() => new Pipeline(query)).ToAnswer();

    static PipelineRow Only(PipelineAnswer answer) => Assert.Single(answer.Rows);

    [Fact]
    public void The_first_decision_after_MQL_counts_and_who_started_above_is_not_at_risk()
    {
        var handoff = Only(Ask(
            Query(),
            [Row(Stage.Lead, 0), Row(Stage.Mql, 1), Row(Stage.Sal, 2), Row(Stage.Rejected, 3)], // accepted
            [Row(Stage.Mql, 1), Row(Stage.Rejected, 2), Row(Stage.Sal, 9)], // rejected first
            [Row(Stage.Mql, 1), Row(Stage.Recycled, 2)],
            [Row(Stage.Lead, 0), Row(Stage.Disqualified, 1), Row(Stage.Mql, 2)], // an exit before MQL decides nothing
            [Row(Stage.Lead, 0), Row(Stage.Sql, 4)], // accepted, inferred
            [Row(Stage.Sql, 4), Row(Stage.ClosedLost, 5)], // started above
            [Row(Stage.Lead, 0), Row(Stage.Disqualified, 1)])).Handoff; // no MQL

        Assert.Equal((5L, 1L, 2L, 4L, 1L), (handoff.Cohort, handoff.StartedAbove, handoff.Accepted.Converted, handoff.Accepted.N, handoff.Undecided));
        Assert.Equal(Wilson.Interval(2, 4), handoff.Accepted.Interval);
    }

    [Fact]
    public void A_response_ends_with_SAL_or_REJECTED_and_is_unknown_where_either_end_was_skipped()
    {
        var handoff = Only(Ask(
            Query(),
            [Row(Stage.Mql, 0), Row(Stage.Sal, 1)],
            [Row(Stage.Mql, 0), Row(Stage.Rejected, 2)],
            [Row(Stage.Mql, 0), Row(Stage.Recycled, 1), Row(Stage.Sal, 6)], // sales acts when it comes back
            [Row(Stage.Mql, 0), Row(Stage.Recycled, 1)], // no action of sales
            [Row(Stage.Mql, 0), Row(Stage.Sql, 3), Row(Stage.Sal, 4)], // SAL skipped
            [Row(Stage.Lead, 0), Row(Stage.Sal, 3)])).Handoff; // MQL skipped

        Assert.Equal((3L, 2L), (handoff.Response.N, handoff.Inferred));
        Assert.Equal((3.0, 2.0, 4.0, 5.2), (
            handoff.Response.Mean!.Value.TotalDays, handoff.Response.Median!.Value.TotalDays, handoff.Response.P75!.Value.TotalDays, handoff.Response.P90!.Value.TotalDays));
    }

    [Fact]
    public void Attainment_is_what_is_so_when_the_response_is_due()
    {
        Transition[][] journeys =
        [
            [Row(Stage.Mql, 0), Row(Stage.Sal, 2)], // met, at the very instant
            [Row(Stage.Mql, 0), Row(Stage.Rejected, 1)], // met
            [Row(Stage.Mql, 0), Row(Stage.Sql, 1)], // met: whoever qualified it had taken it
            [Row(Stage.Mql, 0), Row(Stage.Sal, 2.1)], // breached
            [Row(Stage.Mql, 0), Row(Stage.Recycled, 3)], // breached, and ended later
            [Row(Stage.Mql, 0), Row(Stage.Disqualified, 1), Row(Stage.Sal, 5)], // ended when it was due
            [Row(Stage.Lead, 0), Row(Stage.Sal, 5)], // no start
            [Row(Stage.Mql, 8)], // at day 10 just due, later breached
        ];

        var (soon, later) = (Only(Ask(Query(asOfDay: 10), journeys)).Handoff.Sla!, Only(Ask(Query(asOfDay: 11), journeys)).Handoff.Sla!);

        Assert.Equal((3L, 5L, 1L, 1L, 1L), (soon.Attained.Converted, soon.Attained.N, soon.NotYetDue, soon.Ended, soon.Inferred));
        Assert.Equal((3L, 6L, 0L, 1L, 1L), (later.Attained.Converted, later.Attained.N, later.NotYetDue, later.Ended, later.Inferred));
        Assert.Null(Only(Ask(Query() with { ResponseSla = null }, journeys)).Handoff.Sla);
    }

    [Fact]
    public void Each_opportunity_of_a_journey_has_its_own_close()
    {
        var row = Only(Ask(
            Query(),
            [Row(Stage.Opportunity, 0, A, 100), Row(Stage.Opportunity, 1, B, 50), Row(Stage.ClosedLost, 2, A), Row(Stage.ClosedWon, 3, B, 60)],
            [Row(Stage.Opportunity, 0, A), Row(Stage.ClosedWon, 1, A, 40), Row(Stage.Opportunity, 2, B, 7), Row(Stage.ClosedLost, 3, B)])); // lost beside a win

        Assert.Equal((2L, 4L, 2L), (row.Opened.ByCount.Converted, row.Opened.ByCount.N, row.Opened.Lost));
        Assert.Equal((100m, 207m, 0L), (row.Opened.ByAmount.Won, row.Opened.ByAmount.Total, row.Opened.ByAmount.WithoutAmount));
        Assert.Equal((2L, 4L, 100m, 207m), (row.Closed.ByCount.Converted, row.Closed.ByCount.N, row.Closed.ByAmount.Won, row.Closed.ByAmount.Total));
        Assert.Equal((0.4831, 0L), (Math.Round(row.Closed.ByAmount.Value!.Value, 4), row.Closed.WithoutOpening));
    }

    [Fact]
    public void A_close_without_a_name_closes_the_latest_and_replaces_the_others()
    {
        var row = Only(Ask(Query(), [Row(Stage.Opportunity, 0, A, 100), Row(Stage.Opportunity, 1, B, 50), Row(Stage.Opportunity, 2, A), Row(Stage.ClosedWon, 3, amount: 60)]));

        Assert.Equal((1L, 1L, 1L, 60m), (row.Opened.ByCount.Converted, row.Opened.ByCount.N, row.Opened.Replaced, row.Opened.ByAmount.Total));
        Assert.Equal((1L, 1L), (row.Closed.ByCount.Converted, row.Closed.ByCount.N));
    }

    [Fact]
    public void One_that_is_opened_again_is_one_and_its_last_close_stands()
    {
        Transition[] journey = [Row(Stage.Opportunity, 0, A, 100), Row(Stage.ClosedLost, 10, A), Row(Stage.Opportunity, 20, A), Row(Stage.ClosedWon, 40, A, 90)];
        var months = Query() with { Periods = new ReportingCalendar(PeriodKind.Month, TimeZoneInfo.Utc) };

        var won = Ask(months, journey);
        var reopened = Only(Ask(Query(asOfDay: 30), journey)).Opened;
        var lost = Only(Ask(Query(asOfDay: 15), journey));

        Assert.Equal(
            [("2026-01", 1L, 0L), ("2026-02", 0L, 1L)], won.Rows.Select(row => (row.Key.Period!.Name, row.Opened.ByCount.N, row.Closed.ByCount.Converted)));
        Assert.Equal(40, Assert.Single(won.Open).Velocity.MeanCycle!.Value.TotalDays); // from its first entry
        Assert.Equal((1L, 1.0), (reopened.Open, reopened.OpenShare));
        Assert.Equal((1L, 0L, 100m), (lost.Closed.ByCount.N, lost.Closed.ByCount.Converted, lost.Closed.ByAmount.Total));
    }

    [Fact]
    public void Closes_from_an_earlier_stage_count_without_an_opening()
    {
        var row = Only(Ask(
            Query(),
            [Row(Stage.Sql, 0), Row(Stage.ClosedWon, 1, amount: 10)],
            [Row(Stage.Sql, 0), Row(Stage.ClosedLost, 1), Row(Stage.ClosedLost, 2)], // lost once
            [Row(Stage.Opportunity, 0), Row(Stage.Recycled, 1)])); // ended: not open, not lost

        Assert.Equal((1L, 2L, 2L), (row.Closed.ByCount.Converted, row.Closed.ByCount.N, row.Closed.WithoutOpening));
        Assert.Equal((0L, 1L, 1L, 0L), (row.Opened.ByCount.Converted, row.Opened.ByCount.N, row.Opened.Ended, row.Opened.Open));
    }

    [Fact]
    public void What_is_open_counts_by_the_values_of_its_last_entry_and_other_currencies_apart()
    {
        var (inside, field) = (new Dimensions { Team = "inside" }, new Dimensions { Team = "field" });
        var open = Ask(
            Query() with { GroupBy = [Dimension.Team] },
            [Row(Stage.Opportunity, 0, A, 100, values: inside), Row(Stage.Opportunity, 1, A, 120, values: field), Row(Stage.Sql, 2)], // moved back: still open
            [Row(Stage.Opportunity, 0, A, 7, "USD", field), Row(Stage.Opportunity, 0, B, values: field), Row(Stage.ClosedWon, 1, B)],
            [Row(Stage.Opportunity, 0, values: field), Row(Stage.Disqualified, 1)]).Open;

        var team = Assert.Single(open);
        Assert.Equal(("field", 2L, 120m, 0L), (team.Key.First, team.Count, team.Amount, team.WithoutAmount));
        Assert.Equal([("USD", 7m)], team.LeftOut.Select(sum => (sum.Key, sum.Value)));
    }

    [Fact]
    public void Weight_and_velocity_have_their_factors_and_say_what_is_missing()
    {
        static Transition[][] Closed(int won, int lost) =>
        [
            .. Enumerable.Repeat<Transition[]>([Row(Stage.Opportunity, 0, amount: 1), Row(Stage.ClosedWon, 20, amount: 500)], won),
            .. Enumerable.Repeat<Transition[]>([Row(Stage.Opportunity, 0), Row(Stage.ClosedLost, 5)], lost),
            [Row(Stage.Opportunity, 50, amount: 1000)],
            [Row(Stage.Opportunity, 50)],
        ];
        static OpenPipeline One(PipelineAnswer answer) => Assert.Single(answer.Open);

        var learnt = One(Ask(Query(), Closed(12, 18)));
        Assert.Equal(new Weighted(0.4, true, 30, 400m, null), learnt.Weighted);
        Assert.Equal((2L, 1000m, 1L), (learnt.Count, learnt.Amount, learnt.WithoutAmount));
        var velocity = learnt.Velocity;
        Assert.Equal((2L, 0.4, 500m, 20.0, 20m), (velocity.Open, velocity.WinRate.Value, velocity.AverageWon, velocity.MeanCycle!.Value.TotalDays, velocity.PerDay)); // 2 · 0.4 · 500 / 20
        Assert.Equal((12L, 12L), (velocity.Priced, velocity.Timed));

        var few = One(Ask(Query(), Closed(12, 17)));
        Assert.Equal(new Weighted(null, true, 29, null, "not enough data: fewer than 30 opportunities were won or lost"), few.Weighted);
        Assert.NotNull(few.Velocity.PerDay);
        Assert.Equal(new Weighted(0.25, false, 29, 250m, null), One(Ask(Query(winProbability: 0.25), Closed(12, 17))).Weighted);

        Assert.Equal((null, "no opportunity was won with an amount in EUR"), (One(Ask(Query(), Closed(0, 1))).Velocity.PerDay, One(Ask(Query(), Closed(0, 1))).Velocity.Missing));
        Assert.Equal("no opportunity was won or lost", One(Ask(Query())).Velocity.Missing);
        Assert.Equal("of no win it is known when it was opened", One(Ask(Query(), [Row(Stage.ClosedWon, 1, amount: 5)])).Velocity.Missing);
        Assert.Equal(
            "every win was opened and won at one instant", One(Ask(Query(), [Row(Stage.Opportunity, 1), Row(Stage.ClosedWon, 1, amount: 5)])).Velocity.Missing);
    }

    [Fact]
    public void Nothing_at_all_is_said_and_is_no_rate_of_0()
    {
        var row = Only(Ask(Query()));

        Assert.Equal((null, "no journey was at risk at MQL"), (row.Handoff.Accepted.Value, row.Handoff.Accepted.Missing));
        Assert.Equal((null, "no opportunity was opened"), (row.Opened.ByCount.Value, row.Opened.ByCount.Missing));
        Assert.Equal((null, "no opportunity was opened"), (row.Opened.ByAmount.Value, row.Opened.ByAmount.Missing));
        Assert.Equal((null, "no opportunity was won or lost"), (row.Closed.ByCount.Value, row.Closed.ByAmount.Missing));
        Assert.Equal("no amount in EUR is known, or all are 0", Only(Ask(Query(), [Row(Stage.Opportunity, 1)])).Opened.ByAmount.Missing);
        Assert.Equal("no journey is decided yet", Only(Ask(Query(), [Row(Stage.Mql, 1)])).Handoff.Accepted.Missing);
    }

    [Fact]
    public void More_rows_than_allowed_are_refused() => Assert.Throws<TooManyGroupsException>(() => Ask(
        Query() with { MaxRows = 1, Periods = new ReportingCalendar(PeriodKind.Day, TimeZoneInfo.Utc) }, [Row(Stage.Mql, 1)], [Row(Stage.Mql, 2)]));
}
