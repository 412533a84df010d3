using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Pipelines;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <remarks>Worked out from ledger.csv by hand.</remarks>
public sealed partial class HandmadeTests
{
    static PipelineAnswer Pipeline(DateTimeOffset asOf, DateTimeOffset knownAt, PeriodKind? periods = null, double? winProbability = null)
    {
        var query = new PipelineQuery(
            new() { AsOf = asOf, KnownAt = knownAt }, periods is { } kind ? new ReportingCalendar(kind, TimeZoneInfo.Utc) : null, [], TimeSpan.FromDays(1), winProbability, "EUR", MaxRows: 100);
        return Ledger.GroupBy(row => row.LeadId).SelectMany(rows => Fold.Lead(rows, asOf, knownAt)).Gather(() => new Pipeline(query)).ToAnswer();
    }

    [Fact]
    public void Sales_took_six_of_eight_that_it_decided_on()
    {
        var handoff = Assert.Single(Pipeline(Close, Later).Rows).Handoff;

        // J4 started above. J1, J2 (skipped), J5, J7, J8, J13 (skipped) went to SAL first; J3 was rejected, J6 recycled; J6b, J9 and J10 are in MQL.
        Assert.Equal((11L, 1L, 6L, 8L, 3L), (handoff.Cohort, handoff.StartedAbove, handoff.Accepted.Converted, handoff.Accepted.N, handoff.Undecided));

        // J1, J7 and J8 after 1 day, J3 after 38 hours, J5 after 2 days. At their second day J6 and those in MQL were past due.
        Assert.Equal((5L, 2L, 1.0), (handoff.Response.N, handoff.Inferred, handoff.Response.Median!.Value.TotalDays));
        Assert.Equal((3L, 9L, 0L, 0L, 2L), (handoff.Sla!.Attained.Converted, handoff.Sla.Attained.N, handoff.Sla.NotYetDue, handoff.Sla.Ended, handoff.Sla.Inferred));

        // As reported J9 was no MQL yet, and J11 was one.
        Assert.Equal((11L, 8L), Assert.Single(Pipeline(Close, Close).Rows).Handoff is var reported ? (reported.Cohort, reported.Accepted.N) : default);
    }

    [Fact]
    public void Four_win_rates_are_four_numbers()
    {
        var rows = Pipeline(Close, Later, PeriodKind.Month).Rows;

        // O1, O2, O4, O7, O8a and O8b were opened in January. O8a was lost beside O8b; O7 was lost, opened again and won.
        Assert.Equal(
            [("2026-01", 4L, 6L, 0L, 1L), ("2026-02", 0L, 0L, 2L, 3L), ("2026-03", 0L, 0L, 2L, 2L)],
            rows.Select(row => (row.Key.Period!.Name, row.Opened.ByCount.Converted, row.Opened.ByCount.N, row.Closed.ByCount.Converted, row.Closed.ByCount.N)));
        Assert.Equal((4200m, 4200m, 2L), (rows[0].Opened.ByAmount.Won, rows[0].Opened.ByAmount.Total, rows[0].Opened.ByAmount.WithoutAmount));
        Assert.Equal([0m, 1700m, 2500m], rows.Select(row => row.Closed.ByAmount.Won));
        Assert.Equal([(1L, (double?)null), (1L, 1.0), (0L, 1.0)], rows.Select(row => (row.Closed.ByAmount.WithoutAmount, row.Closed.ByAmount.Value)));
    }

    [Fact]
    public void In_the_first_days_of_February_three_opportunities_are_open()
    {
        var asOf = new DateTimeOffset(2026, 2, 5, 0, 0, 0, TimeSpan.Zero);
        var open = Assert.Single(Pipeline(asOf, asOf, winProbability: 0.5).Open);

        // O2, O4 and O8b; O7 and O8a are lost, O1 is won. None says its amount before it is won.
        Assert.Equal((3L, 0m, 3L, 3L, 0m), (open.Count, open.Amount, open.WithoutAmount, open.Weighted.Closed, open.Weighted.Amount));

        // 3 open · 1/3 won · EUR 1000 / 22 days.
        Assert.Equal((1000m, 22.0, 45.45m), (open.Velocity.AverageWon, open.Velocity.MeanCycle!.Value.TotalDays, decimal.Round(open.Velocity.PerDay!.Value, 2)));
    }
}
