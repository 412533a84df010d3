namespace L2R.ServiceDefaults.Tests;

public sealed class CurrenciesTests
{
    [Theory]
    [InlineData("EUR", true)]
    [InlineData("AED", true)] // the first
    [InlineData("ZWG", true)] // the last
    [InlineData("CLF", true)] // of a fund
    [InlineData("XCG", true)] // of 2025
    [InlineData("XQQ", false)]
    [InlineData("XTS", false)]
    [InlineData("XXX", false)]
    [InlineData("BGN", false)] // until 2025
    [InlineData("eur", false)]
    [InlineData("EU", false)]
    [InlineData("EUR USD", false)]
    [InlineData("", true)] // unset
    public void Money_is_in_a_currency_that_there_is(string code, bool valid)
    {
        List<FieldProblem> problems = [];

        problems.Currency("amount.currency_code", code);

        Assert.Equal(valid ? [] : [new FieldProblem("amount.currency_code", "must be an active ISO 4217 code such as EUR")], problems);
    }

    [Theory]
    [InlineData("EUR", true)]
    [InlineData("BGN", true)]
    [InlineData("DEM", true)]
    [InlineData("XQQ", false)]
    [InlineData("", true)]
    public void History_is_also_in_currencies_that_there_were(string code, bool valid)
    {
        List<FieldProblem> problems = [];

        problems.PastCurrency("amount.currency_code", code);

        Assert.Equal(valid ? [] : [new FieldProblem("amount.currency_code", "must be an ISO 4217 code such as EUR, active or withdrawn since 1999")], problems);
    }
}
