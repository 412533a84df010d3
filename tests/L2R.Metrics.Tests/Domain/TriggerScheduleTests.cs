using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class TriggerScheduleTests
{
    static readonly TriggerSchedule Utc = new(TimeZoneInfo.Utc, 1);

    static Condition.Metric Monthly(int horizonDays = 30) => new(
        Pair.All[0], null, new Measure.Conversion(TimeSpan.FromDays(horizonDays)), PeriodKind.Month, Comparison.Below, 0.3, 0.3);

    static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2026-03-31T00:59Z", "2026-01-01T00:00Z", "2026-03-03T01:00Z")] // a month is mature 30 days and an hour after its end
    [InlineData("2026-03-31T01:00Z", "2026-02-01T00:00Z", "2026-03-31T01:00Z")]
    public void A_figure_is_looked_at_first_in_the_last_mature_period(string now, string period, string due) =>
        Assert.Equal(new Due(At(due), At(period)), Utc.First(Monthly(), At(now)));

    [Fact]
    public void No_period_of_a_figure_is_left_out_however_late_the_look_is()
    {
        var first = Utc.First(Monthly(), At("2026-03-31T01:00Z"))!;

        Assert.Equal(new Due(At("2026-05-01T01:00Z"), At("2026-03-01T00:00Z")), Utc.After(Monthly(), first, At("2027-01-01T00:00Z")));
    }

    [Fact]
    public void Dates_come_at_midnight_of_the_zone()
    {
        var amsterdam = new TriggerSchedule(TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"), 1);
        var once = new Condition.Calendar(new DateOnly(2026, 7, 1), null);

        Assert.Equal(At("2026-06-30T22:00Z"), amsterdam.First(once, At("2026-06-30T12:00Z"))!.Time);
        Assert.Equal(At("2026-06-30T22:00Z"), amsterdam.First(once, At("2026-07-01T21:59Z"))!.Time); // today has not passed
        Assert.Null(amsterdam.First(once, At("2026-07-01T22:00Z")));
        Assert.Null(amsterdam.After(once, new Due(At("2026-06-30T22:00Z"), At("2026-06-30T22:00Z")), At("2026-06-30T22:00Z")));
    }

    [Theory]
    [InlineData(PeriodKind.Day, "2026-02-01")]
    [InlineData(PeriodKind.Week, "2026-02-07")]
    [InlineData(PeriodKind.Month, "2026-02-28")] // a 31st on the last day of a shorter month,
    [InlineData(PeriodKind.Quarter, "2026-04-30")]
    [InlineData(PeriodKind.FiscalYear, "2027-01-31")]
    public void A_date_returns_by_its_cadence(PeriodKind every, string next)
    {
        var calendar = new Condition.Calendar(new DateOnly(2026, 1, 31), every);

        Assert.Equal(At($"{next}T00:00Z"), Utc.After(calendar, new Due(At("2026-01-31T00:00Z"), At("2026-01-31T00:00Z")), At("2026-01-31T09:00Z"))!.Time);
    }

    [Fact]
    public void Of_dates_that_passed_unseen_the_last_one_counts()
    {
        var calendar = new Condition.Calendar(new DateOnly(2026, 1, 31), PeriodKind.Month);

        Assert.Equal(new DateOnly(2026, 4, 30), Utc.LastDate(calendar, At("2026-05-30T23:59Z")));
        Assert.Equal(new DateOnly(2026, 5, 31), Utc.LastDate(calendar, At("2026-05-31T00:00Z"))); // and a 31st again where there is one
        Assert.Equal(At("2026-06-30T00:00Z"), Utc.After(calendar, new Due(At("2026-01-31T00:00Z"), At("2026-01-31T00:00Z")), At("2026-05-31T09:00Z"))!.Time);
        Assert.Null(Utc.LastDate(calendar, At("2026-01-30T23:59Z")));
    }

    [Fact]
    public void The_calendar_may_end() =>
        Assert.Null(Utc.First(new Condition.Calendar(new DateOnly(9999, 12, 30), PeriodKind.Week), new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void An_activation_is_due_when_it_happens() => Assert.Null(Utc.First(new Condition.PolicyActivated(), At("2026-01-01T00:00Z")));
}
