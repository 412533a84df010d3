using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class AgendaTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    static readonly Measure Conversion = new Measure.Conversion(TimeSpan.FromDays(30));

    static Reading Read(Measure measure, long n, double? value, Interval? interval, Segment? segment = null) =>
        new(Pair.All[0], segment, measure, new Period("2026-01", Noon, Noon.AddDays(1)), n, value, interval, Noon, Noon);

    [Fact]
    public void A_firing_says_what_passed_what()
    {
        Assert.Equal(
            "LEAD to MQL within 30 d (channel web-form), 2026-01: 25.0% (95%: 22.0% to 29.0%, n 1,020): the whole interval is below the threshold of 30.0%.",
            Agenda.Fired(
                new(Pair.All[0], null, Conversion, PeriodKind.Month, Comparison.Below, 0.3, 0.3),
                Read(Conversion, 1020, 0.25, new Interval(0.22, 0.29), new Segment("channel", "web-form"))));
        Assert.Equal(
            "Journeys that reached MQL, 2026-01: 1,200: above the threshold of 1,000.",
            Agenda.Fired(new(Pair.All[0], null, new Measure.Volume(), PeriodKind.Month, Comparison.Above, 1000, 1000), Read(new Measure.Volume(), 1200, 1200, null)));
        Assert.Equal(
            "Journeys that reached MQL, 2026-01: 1,200 (95%: 1,133.1 to 1,269.9): the whole interval is above the threshold of 1,000.",
            Agenda.Fired(new(Pair.All[0], null, new Measure.Volume(), PeriodKind.Month, Comparison.Above, 1000, 1000), Read(new Measure.Volume(), 1200, 1200, new Interval(1133.1, 1269.9))));
    }

    [Theory]
    [InlineData(0.22, "met")]
    [InlineData(0.25, "within the interval")]
    [InlineData(0.29, "within the interval")]
    [InlineData(0.30, "missed")]
    public void A_target_is_met_or_missed_where_the_whole_interval_says_so(double target, string judged) => Assert.Equal(
        $"LEAD to MQL within 30 d, 2026-01: 25.0% (95%: 22.0% to 29.0%, n 1,020). Target: {target * 100:0.0}%, {judged}.",
        Agenda.Standing(Read(Conversion, 1020, 0.25, new Interval(0.22, 0.29)), new Goal.Conversion(target, TimeSpan.FromDays(30))));

    [Theory]
    [InlineData(4, "met")]
    [InlineData(3, "within the interval")]
    [InlineData(1.5, "missed")]
    public void Fast_is_good(double days, string judged)
    {
        var velocity = new Measure.Velocity(TimeSpan.FromHours(36));
        Assert.Equal(
            $"Median from LEAD to MQL of those within 36 h, 2026-01: 2.5 d (95%: 2.0 d to 4.0 d, n 40). Target: {days:0.0} d, {judged}.",
            Agenda.Standing(Read(velocity, 40, 2.5, new Interval(2, 4)), new Goal.Velocity(TimeSpan.FromDays(days), TimeSpan.FromHours(36))));
    }

    [Fact]
    public void What_is_not_known_is_said()
    {
        Assert.Equal("LEAD to MQL within 30 d, 2026-01: no figure, there were no journeys.", Agenda.Standing(Read(Conversion, 0, null, null), null));
        var velocity = new Measure.Velocity(TimeSpan.FromDays(30));
        Assert.Equal(
            "Median from LEAD to MQL of those within 30 d, 2026-01: 2.5 d (too few for an interval, n 3). Target: 2.0 d, not enough data.",
            Agenda.Standing(Read(velocity, 3, 2.5, null), new Goal.Velocity(TimeSpan.FromDays(2), TimeSpan.FromDays(30))));
    }

    [Fact]
    public void A_review_that_nobody_holds_keeps_the_newest_and_has_no_more_time_than_a_new_one()
    {
        var review = new Review
        {
            Id = default,
            TriggerId = default,
            DisplayName = "Budget",
            Owner = "revops",
            OpenTime = Noon,
            DueDate = new(2026, 1, 19),
            DueTime = Noon.AddDays(14),
            Agenda = [Item(0)],
            Version = 1,
        };
        var later = review.With([.. Enumerable.Range(1, 500).Select(Item)], new(2026, 2, 1), Noon.AddDays(27));
        var sooner = later.With([Item(501)], new(2026, 1, 10), Noon.AddDays(5));

        Assert.Equal((500, Item(1), Item(500)), (later.Agenda.Count, later.Agenda[0], later.Agenda[^1]));
        Assert.Equal((new DateOnly(2026, 1, 19), Noon.AddDays(14), 2L), (later.DueDate, later.DueTime, later.Version));
        Assert.Equal((new DateOnly(2026, 1, 10), Noon.AddDays(5), 3L), (sooner.DueDate, sooner.DueTime, sooner.Version));

        static AgendaItem Item(int number) => new(Noon, $"{number}", null);
    }
}
