using L2R.Cli.Imports;
using L2R.Ledger.V1;

namespace L2R.Cli.Tests.Imports;

public sealed class ImportPlanTests
{
    [Fact]
    public void Every_row_goes_to_the_owner_of_its_move()
    {
        var plan = Plan(
            Lines.Of("1", "LEAD", 0), Lines.Of("1", "MQL", 1), Lines.Of("1", "SAL", 2), Lines.Of("1", "SQL", 3), Lines.Of("1", "OPPORTUNITY", 4),
            Lines.Of("1", "OPPORTUNITY", 5), Lines.Of("1", "CLOSED_WON", 6),
            Lines.Of("2", "LEAD", 0), Lines.Of("2", "DISQUALIFIED", 1),
            Lines.Of("3", "MQL", 0), Lines.Of("3", "DISQUALIFIED", 1),
            Lines.Of("4", "OPPORTUNITY", 0), Lines.Of("4", "CLOSED_LOST", 1));

        Assert.Equal(
            [
                "Intake: 2 >Lead, 9 >Lead, 10 Lead>Disqualified",
                "Scoring: 3 Lead>Mql, 11 >Mql",
                "Handoff: 4 Mql>Sal, 5 Sal>Sql, 12 Mql>Disqualified",
                "Opportunity: 6 Sql>Opportunity, 7 Opportunity>Opportunity, 8 Opportunity>ClosedWon, 13 >Opportunity, 14 Opportunity>ClosedLost",
            ],
            Sent(plan));
        Assert.Equal((13, 13, 4, 0), (plan.LineCount, plan.RowCount, plan.JourneyCount, plan.Refusals.Count));
    }

    [Fact]
    public void A_journey_is_followed_in_time_whatever_the_order_of_its_lines()
    {
        var plan = Plan(
            "1,SAL,2025-01-01T09:00:00+02:00,1,,5,7", // before the next, by its offset
            "1,SQL,2025-01-01T08:00:00Z,1,,5,1",
            "1,MQL,2025-01-01T09:00:00+02:00,1,,5,6", // at the same time as the first, by its sequence before it
            "1,LEAD,2025-01-01T00:00:00Z,1,,5,9");

        Assert.Equal(["Intake: 5 >Lead", "Scoring: 4 Lead>Mql", "Handoff: 2 Mql>Sal, 3 Sal>Sql"], Sent(plan));
    }

    [Fact]
    public void A_skipped_stage_may_be_missing_because_its_line_is_broken()
    {
        var plan = Plan(Lines.Of("1", "LEAD", 0), "1,MQL,when,1,,5,1", Lines.Of("1", "SAL", 2), Lines.Of("1", "REJECTED", 3));

        Assert.Equal(["Intake: 2 >Lead", "Handoff: 4 Lead>Sal"], Sent(plan));
        Assert.Equal(["3 LINE_INVALID", "5 MOVE_NOT_ALLOWED"], Refusals(plan.Refusals)); // a journey in SAL cannot be rejected, broken line or not
    }

    [Fact]
    public void Later_lines_that_fail_because_of_a_broken_one_are_told_with_it()
    {
        var plan = Plan(
            Lines.Of("1", "LEAD", 0),
            "1,MQL,when,1,,5,1",
            Lines.Of("1", "REJECTED", 2), // from MQL only
            Lines.Of("2", "LEAD", 0),
            Lines.Of("1", "SAL", 4),      // a skip from LEAD
            Lines.Of("1", "DISQUALIFIED", 5));

        Assert.Equal(["3 LINE_INVALID because of it 4"], Refusals(plan.Refusals));
        Assert.Equal(["Intake: 2 >Lead, 5 >Lead", "Handoff: 6 Lead>Sal, 7 Sal>Disqualified"], Sent(plan));
    }

    [Fact]
    public void A_line_without_a_stage_is_the_cause_of_all_that_does_not_fit_after_it()
    {
        var plan = Plan(Lines.Of("1", "LEAD", 0), Lines.Of("1", "?", 1), Lines.Of("1", "REJECTED", 2), Lines.Of("1", "CLOSED_LOST", 3));

        Assert.Equal(["3 LINE_INVALID because of it 4", "5 MOVE_NOT_ALLOWED"], Refusals(plan.Refusals));
    }

    [Fact]
    public void A_move_that_nobody_makes_is_refused_with_those_that_are_possible()
    {
        var plan = Plan(Lines.Of("1", "LEAD", 0), Lines.Of("1", "CLOSED_LOST", 1));

        var refusal = Assert.Single(plan.Refusals);
        Assert.Equal(
            (3, "MOVE_NOT_ALLOWED", "no journey moves from LEAD to CLOSED_LOST; from there it may move to MQL, SAL, DISQUALIFIED, SQL, OPPORTUNITY, CLOSED_WON"),
            (refusal.Line, refusal.Reason, refusal.Message));
    }

    [Fact]
    public void The_same_line_again_is_a_repeat_and_another_under_its_key_is_refused()
    {
        var plan = Plan(Lines.Of("1", "LEAD", 0), Lines.Of("1", "LEAD", 0), Lines.Of("1", "MQL", 0));

        Assert.Equal(["Intake: 2 >Lead"], Sent(plan));
        Assert.Equal(1, plan.RepeatCount);
        Assert.Equal(["4 KEY_REUSED"], Refusals(plan.Refusals));
    }

    [Fact]
    public void What_a_service_refuses_is_told_with_the_lines_that_rest_on_it()
    {
        var plan = Plan(Lines.Of("1", "LEAD", 0), Lines.Of("1", "MQL", 1), Lines.Of("1", "REJECTED", 2), Lines.Of("2", "LEAD", 0));

        var refusals = plan.Explain([Reject(5, "KEY_REUSED"), Reject(3, "FIELDS_INVALID")]);

        Assert.Equal(["3 FIELDS_INVALID because of it 4", "5 KEY_REUSED"], Refusals(refusals));
        Assert.Equal([1L, 0, 0, 0, 0, 0, 0, 1, 0, 0], plan.CountEntries([Reject(5, ""), Reject(3, "")]));
    }

    [Fact]
    public void Expects_of_the_ledger_every_stage_and_those_exits_that_surely_stand()
    {
        var plan = Plan(
            Lines.Of("1", "OPPORTUNITY", 0), Lines.Of("1", "CLOSED_WON", 1), Lines.Of("1", "OPPORTUNITY", 2), Lines.Of("1", "CLOSED_LOST", 3),
            Lines.Of("2", "OPPORTUNITY", 0), Lines.Of("2", "CLOSED_LOST", 1), Lines.Of("2", "CLOSED_LOST", 2));

        Assert.Equal([0L, 0, 0, 0, 3, 1, 0, 0, 0, 1], plan.CountEntries([]));
    }

    [Fact]
    public void A_journey_that_was_won_stays_won_whatever_its_deals_do_next()
    {
        var plan = Plan(
            Lines.Of("1", "OPPORTUNITY", 0), Lines.Of("1", "CLOSED_WON", 1), Lines.Of("1", "OPPORTUNITY", 2), Lines.Of("1", "CLOSED_WON", 3),
            Lines.Of("1", "OPPORTUNITY", 4), Lines.Of("1", "SQL", 5));

        Assert.Equal(
            ["Opportunity: 2 >Opportunity, 3 Opportunity>ClosedWon, 4 ClosedWon>Opportunity, 5 ClosedWon>ClosedWon, 6 ClosedWon>Opportunity"], Sent(plan));
        Assert.Equal(["7 MOVE_NOT_ALLOWED"], Refusals(plan.Refusals));
    }

    static ImportPlan Plan(params string[] lines) => ImportPlan.Create(Lines.Read(lines));

    static ImportReject Reject(long line, string reason) => new() { Line = line, Reason = reason };

    static IEnumerable<string> Sent(ImportPlan plan) =>
        from owner in plan.Rows
        where owner.Value.Count > 0
        select $"{owner.Key}: {string.Join(", ", owner.Value.Select(row => $"{row.Line} {(row.From == Stage.Unspecified ? "" : row.From)}>{row.To}"))}";

    static IEnumerable<string> Refusals(IEnumerable<Refusal> refusals) => refusals.Select(refusal =>
        $"{refusal.Line} {refusal.Reason}{(refusal.LaterLines.Count > 0 ? " because of it " + string.Join(", ", refusal.LaterLines) : "")}");
}
