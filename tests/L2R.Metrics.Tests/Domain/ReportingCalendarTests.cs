using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class ReportingCalendarTests
{
    [Theory]
    [InlineData(PeriodKind.Day, "2026-02-14", "2026-02-14T00:00Z", "2026-02-15T00:00Z")]
    [InlineData(PeriodKind.Week, "2026-W07", "2026-02-09T00:00Z", "2026-02-16T00:00Z")]
    [InlineData(PeriodKind.Month, "2026-02", "2026-02-01T00:00Z", "2026-03-01T00:00Z")]
    [InlineData(PeriodKind.Quarter, "2026-Q1", "2026-01-01T00:00Z", "2026-04-01T00:00Z")]
    [InlineData(PeriodKind.FiscalYear, "FY2026", "2026-01-01T00:00Z", "2027-01-01T00:00Z")]
    public void An_instant_has_its_period(PeriodKind kind, string name, string from, string to) =>
        Assert.Equal(Expected(name, from, to), new ReportingCalendar(kind, TimeZoneInfo.Utc).PeriodOf(At("2026-02-14T12:00Z")));

    [Theory]
    [InlineData("2026-03-31T23:59Z", "FY2025/26", "2025-04-01T00:00Z", "2026-04-01T00:00Z")]
    [InlineData("2026-04-01T00:00Z", "FY2026/27", "2026-04-01T00:00Z", "2027-04-01T00:00Z")]
    [InlineData("2099-12-31T00:00Z", "FY2099/00", "2099-04-01T00:00Z", "2100-04-01T00:00Z")]
    public void A_fiscal_year_begins_where_the_tenant_says(string instant, string name, string from, string to) =>
        Assert.Equal(Expected(name, from, to), new ReportingCalendar(PeriodKind.FiscalYear, TimeZoneInfo.Utc, 4).PeriodOf(At(instant)));

    [Theory]
    [InlineData("2027-01-03T23:59Z", "2026-W53", "2026-12-28T00:00Z", "2027-01-04T00:00Z")]
    [InlineData("2027-01-04T00:00Z", "2027-W01", "2027-01-04T00:00Z", "2027-01-11T00:00Z")]
    public void A_week_belongs_to_the_year_of_its_Thursday(string instant, string name, string from, string to) =>
        Assert.Equal(Expected(name, from, to), new ReportingCalendar(PeriodKind.Week, TimeZoneInfo.Utc).PeriodOf(At(instant)));

    [Theory]
    [InlineData("Europe/Amsterdam", "2026-03-28T23:00Z", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z")] // 23 hours
    [InlineData("Europe/Amsterdam", "2026-10-25T22:59Z", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z")] // 25 hours
    [InlineData("America/Sao_Paulo", "2018-11-04T03:00Z", "2018-11-04", "2018-11-04T03:00Z", "2018-11-05T02:00Z")] // midnight is skipped
    [InlineData("America/Havana", "2025-11-02T04:30Z", "2025-11-02", "2025-11-02T04:00Z", "2025-11-03T05:00Z")] // midnight comes twice
    [InlineData("America/Havana", "2025-11-02T05:30Z", "2025-11-02", "2025-11-02T04:00Z", "2025-11-03T05:00Z")]
    [InlineData("America/St_Johns", "2010-11-07T02:45Z", "2010-11-07", "2010-11-07T02:30Z", "2010-11-08T03:30Z")] // at 0:01 back to 23:01
    public void A_day_is_the_zones(string zone, string instant, string name, string from, string to) =>
        Assert.Equal(
            Expected(name, from, to),
            new ReportingCalendar(PeriodKind.Day, TimeZoneInfo.FindSystemTimeZoneById(zone)).PeriodOf(At(instant)));

    [Fact]
    public void Periods_lie_end_to_end_and_hold_what_is_in_them()
    {
        string[] zones =
            ["Europe/Amsterdam", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC"];
        foreach (var zone in zones.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            foreach (var kind in Enum.GetValues<PeriodKind>())
            {
                var (walking, fresh) = (new ReportingCalendar(kind, zone, 2), new ReportingCalendar(kind, zone, 2));
                var period = walking.PeriodOf(At("2009-06-30T12:00Z"));
                for (var count = 0; count < 900 && period.From.Year < 2020; count++)
                {
                    Assert.True(period.From < period.To, $"{zone.Id} {period}");
                    Assert.Equal(period, fresh.PeriodOf(period.To.AddTicks(-1)));
                    Assert.Equal(period, fresh.PeriodOf(period.From));

                    var next = walking.After(period);
                    Assert.Equal(period.To, next.From);
                    period = next;
                }
            }
        }
    }

    static Period Expected(string name, string from, string to) => new(name, At(from), At(to));

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Many_may_ask_at_once()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");
        var start = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var round = 0; round < 5; round++)
        {
            var (shared, own) = (new ReportingCalendar(PeriodKind.Day, zone), new ReportingCalendar(PeriodKind.Day, zone));
            var answers = new Period[8][];

            Parallel.For(0, answers.Length, asker => answers[asker] = [.. Enumerable.Range(0, 20_000).Select(hours => shared.PeriodOf(start.AddHours((7 * hours) + asker)))]);

            Assert.All(answers.Index(), asker => Assert.Equal(Enumerable.Range(0, 20_000).Select(hours => own.PeriodOf(start.AddHours((7 * hours) + asker.Index))), asker.Item));
        }
    }
}
