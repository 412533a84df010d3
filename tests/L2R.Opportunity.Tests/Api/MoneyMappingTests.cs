using L2R.Opportunity.Api;
using L2R.ServiceDefaults;
using L2R.Type.V1;

namespace L2R.Opportunity.Tests.Api;

public sealed class MoneyMappingTests
{
    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(20000, 0, "20000")]
    [InlineData(0, 1, "0.000000001")]
    [InlineData(1, 990_000_000, "1.99")]
    [InlineData(long.MaxValue, 999_999_999, "9223372036854775807.999999999")]
    [InlineData(-1, -750_000_000, "-1.75")]
    public void An_amount_is_the_same_there_and_back(long units, int nanos, string text)
    {
        var money = new Money { CurrencyCode = "EUR", Units = units, Nanos = nanos };

        var amount = MoneyMapping.ToDecimal(money);

        Assert.Equal(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture), amount);
        Assert.Equal(money, MoneyMapping.ToProto(amount, "EUR"));
    }

    [Fact]
    public void Any_amount_is_the_same_there_and_back()
    {
        var random = new Random(20260301);
        for (var i = 0; i < 10_000; i++)
        {
            var money = new Money { CurrencyCode = "EUR", Units = random.NextInt64(), Nanos = random.Next(1_000_000_000) };

            Assert.Equal(money, MoneyMapping.ToProto(MoneyMapping.ToDecimal(money), "EUR"));
        }
    }

    [Theory]
    [InlineData("", 1, 0, "amount.currency_code is required")]
    [InlineData("eur", 1, 0, "amount.currency_code must be an active ISO 4217 code such as EUR")]
    [InlineData("XQQ", 1, 0, "amount.currency_code must be an active ISO 4217 code such as EUR")]
    [InlineData("EURO", 1, 0, "amount.currency_code must be an active ISO 4217 code such as EUR")]
    [InlineData("EUR", -1, 0, "amount.units must not be negative")]
    [InlineData("EUR", 1, -1, "amount.nanos must be 0 to 999999999")]
    [InlineData("EUR", 1, 1_000_000_000, "amount.nanos must be 0 to 999999999")]
    public void An_amount_that_is_none_says_why(string currency, long units, int nanos, string problem)
    {
        List<FieldProblem> problems = [];

        Assert.Null(problems.Amount("amount", new Money { CurrencyCode = currency, Units = units, Nanos = nanos }));
        Assert.Equal([problem], problems.Select(p => $"{p.Field} {p.Problem}"));
    }

    [Theory]
    [InlineData(2026, 3, 31, true)]
    [InlineData(2024, 2, 29, true)]
    [InlineData(1, 1, 1, true)]
    [InlineData(9999, 12, 31, true)]
    [InlineData(2026, 2, 29, false)]
    [InlineData(2026, 4, 31, false)]
    [InlineData(2026, 0, 1, false)]
    [InlineData(2026, 13, 1, false)]
    [InlineData(2026, 3, 0, false)]
    [InlineData(0, 3, 1, false)]
    [InlineData(10000, 1, 1, false)]
    public void A_day_is_one_of_the_calendar(int year, int month, int day, bool valid)
    {
        List<FieldProblem> problems = [];
        var date = new Date { Year = year, Month = month, Day = day };

        var read = problems.Day("date", date);

        Assert.Equal(valid, read is not null);
        Assert.Equal(valid ? [] : [new FieldProblem("date", "must be a day of the calendar, with year, month and day")], problems);
        Assert.True(!valid || date.Equals(MoneyMapping.ToProto(read!.Value)));
    }
}
