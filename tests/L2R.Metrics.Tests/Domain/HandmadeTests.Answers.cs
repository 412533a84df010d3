using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <remarks>Worked out from ledger.csv by hand, as restated unless it says otherwise.</remarks>
public sealed partial class HandmadeTests
{
    static readonly DateTimeOffset Close = new(2026, 3, 31, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Later = new(2026, 4, 30, 0, 0, 0, TimeSpan.Zero);
    static readonly JourneyScope Restated = new() { AsOf = Close, KnownAt = Later };

    [Fact]
    public void Cohorts_by_the_month_of_the_lead_say_what_is_not_mature_yet()
    {
        var cohorts = Ledger.Columns(Later).Ask(new CohortQuery
        {
            Scope = Restated,
            Pair = new Pair(Stage.Lead, Stage.Mql),
            Periods = new ReportingCalendar(PeriodKind.Month, TimeZoneInfo.Utc),
            Horizons = [TimeSpan.FromDays(7), TimeSpan.FromDays(30)],
        });

        Assert.Equal(
            [
                "2026-01 cohort 7 above 1 to date 7 open 0 | 7/7 +0 | 7/7 +0",
                "2026-02 cohort 4 above 0 to date 3 open 1 | 2/4 +0 | 3/4 +0",
                "2026-03 cohort 2 above 0 to date 1 open 1 | 1/1 +1 | not mature yet +2",
            ],
            cohorts.Rows.Select(row =>
                $"{row.Period!.Name} cohort {row.Cohort} above {row.StartedAbove} to date {row.ToDate.Converted} open {row.Open} | "
                + string.Join(" | ", row.Cells.Select(cell =>
                    $"{(cell.Rate.Value is null ? cell.Rate.Missing : $"{cell.Rate.Converted}/{cell.Rate.N}")} +{cell.Immature}"))));
    }

    [Fact]
    public void Young_converters_do_not_make_a_cohort_look_fast()
    {
        // LEAD to MQL: nine own entries at 0, seven times 1 and 11 days; the three that are open or inferred tell the curve more.
        var velocities = new Velocities(new VelocityQuery(Restated, new Pair(Stage.Lead, Stage.Mql), TimeSpan.FromDays(10)));
        Visit(velocities.Add);
        var answer = velocities.ToAnswer();

        Assert.Equal((8, 1.0), (answer.Cohort.N, answer.Cohort.Median!.Value.TotalDays)); // J10 took eleven days
        Assert.Equal(new CurveQuantiles(13, TimeSpan.FromDays(1), null, null, null), answer.Curve);
    }

    [Fact]
    public void What_is_open_ages_from_its_last_entry_and_inferred_stages_have_no_dwell()
    {
        var velocities = new Velocities(new VelocityQuery(Restated, new Pair(Stage.Lead, Stage.Mql)));
        Visit(velocities.Add);
        var answer = velocities.ToAnswer();

        var mql = answer.Ages[(int)Stage.Mql];
        Assert.Equal((4, 44.0, 53.4), (mql.Open, mql.P50!.Value.TotalDays, mql.P90!.Value.TotalDays));
        Assert.Equal(
            [(IdOf("J9"), 57.0), (IdOf("J13"), 45.0), (IdOf("J10"), 43.0), (IdOf("J6b"), 25.0)],
            mql.Oldest.Select(journey => (journey.JourneyId, journey.Age.TotalDays)));

        var (sal, sql) = (answer.Dwells[(int)Stage.Sal], answer.Dwells[(int)Stage.Sql]);
        Assert.Equal((5, 2.0, 2.0), (sal.Latest.N, sal.Latest.Mean!.Value.TotalDays, sal.Latest.Median!.Value.TotalDays)); // 2, 4, 1, 1, 2
        Assert.Equal((5, 2.4, 2.0), (sal.Cumulative.N, sal.Cumulative.Mean!.Value.TotalDays, sal.Cumulative.Median!.Value.TotalDays)); // 2, 2 + 4, 1, 1, 2
        Assert.Equal((0, 2), (sal.Open, sal.Inferred));
        Assert.Equal((5, 3.0, 1, 0), (sql.Latest.N, sql.Latest.Median!.Value.TotalDays, sql.Open, sql.Inferred)); // 4, 3, 5, 1, 3; J5 is back there
    }

    [Fact]
    public void A_second_opportunity_is_a_move_from_opportunity_to_opportunity()
    {
        var flow = new Flow(Restated, periods: null);
        foreach (var lead in Ledger.GroupBy(row => row.LeadId))
        {
            foreach (var journey in Fold.Lead(lead, Close, Later))
            {
                flow.Add(journey);
            }
        }
        var period = Assert.Single(flow.ToAnswer().Periods);

        Assert.Equal(
            [(Stage.Opportunity, 1), (Stage.ClosedWon, 4), (Stage.ClosedLost, 2)],
            period.Moves.Where(move => move.From == Stage.Opportunity).Select(move => (move.To, (int)move.Count)));
        Assert.Equal(
            [(Stage.Lead, 13), (Stage.Sql, 1)], period.Moves.Where(move => move.From is null).Select(move => (move.To, (int)move.Count)));
        Assert.Equal(new StageFlow(Stage.Opportunity, 7, 7, 0, 0, 0), period.Stages[(int)Stage.Opportunity]);
        Assert.Equal(new StageFlow(Stage.ClosedWon, 4, 0, 0, 4, 0), period.Stages[(int)Stage.ClosedWon]);
    }

    [Fact]
    public void What_was_reported_moved_by_a_late_row_a_correction_and_a_withdrawal()
    {
        var question = new WaterfallQuery
        {
            AsOf = Close,
            KnownAt = Close,
            Periods = new ReportingCalendar(PeriodKind.Month, TimeZoneInfo.Utc),
            Horizons = [TimeSpan.FromDays(7)],
        };
        var comparison = new KnownComparison(question, question with { KnownAt = Later });
        foreach (var lead in Ledger.GroupBy(row => row.LeadId))
        {
            comparison.Add([.. lead]);
        }
        var answer = comparison.ToAnswer(Answer(question), Answer(question with { KnownAt = Later }));

        // MQL of February: J9 came late, J11 was withdrawn, and J10 came ten days later than was reported.
        Assert.Equal(
            ["Late Mql 2026-02 +1 -0", "Correction Mql 2026-02 +1 -1", "Withdrawal Mql 2026-02 +0 -1"],
            answer.Rows.Select(change => $"{change.Cause} {change.Stage} {change.Period!.Name} +{change.Added} -{change.Removed}"));
        Assert.Equal(
            ["2026-02 Converted Lead>Mql 7.00:00:00: 3 to 2"],
            answer.Moved.Select(moved => $"{moved.Group.Period!.Name} {moved.Figure.Kind} {moved.Figure.Stage}>{moved.Figure.To} "
                + $"{moved.Figure.Horizon}: {moved.Baseline} to {moved.Restated}"));
        Assert.Equal(
            [(null, 0.0, 50), (30.0, 90.0, 2)],
            answer.Latenesses.Select(lateness => (lateness.Over?.TotalDays, lateness.UpTo!.Value.TotalDays, (int)lateness.Count)));
    }

    static WaterfallAnswer Answer(WaterfallQuery question)
    {
        var waterfall = new Waterfall(question);
        foreach (var journey in Ledger.GroupBy(row => row.LeadId).SelectMany(rows => Fold.Lead(rows, question.AsOf, question.KnownAt)))
        {
            waterfall.Add(journey);
        }
        return waterfall.ToAnswer();
    }

    static void Visit(Action<JourneyFacts> add)
    {
        foreach (var journey in Ledger.GroupBy(row => row.LeadId).SelectMany(rows => Fold.Lead(rows, Close, Later)))
        {
            add(journey);
        }
    }
}
