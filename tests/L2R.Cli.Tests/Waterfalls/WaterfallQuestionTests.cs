using System.Security.Cryptography;
using Grpc.Core;
using L2R.Cli.Tests.Imports;
using L2R.Cli.Tokens;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Waterfalls;

public sealed class WaterfallQuestionTests
{
    [Theory]
    [InlineData("2026-03-31", "\"2026-03-31T00:00:00Z\"")]
    [InlineData("2026-03-31T00:00:00.681+02:00", "\"2026-03-30T22:00:00.681Z\"")]
    [InlineData("2026-03-31T12:30Z", "\"2026-03-31T12:30:00Z\"")]
    public void An_instant_has_its_offset_or_is_a_day_of_utc(string text, string instant) =>
        Assert.Equal(instant, WaterfallQuestion.Instant(text).ToString());

    [Theory]
    [InlineData("month, channel,region", PeriodKind.Month, new[] { "channel", "region" })]
    [InlineData("owner", PeriodKind.Unspecified, new[] { "owner" })]
    [InlineData("month,custom.plan", PeriodKind.Month, new[] { "plan" })]
    [InlineData("fiscal-year", PeriodKind.FiscalYear, new string[0])]
    public void Groups_are_a_period_and_dimensions(string text, PeriodKind period, string[] dimensions)
    {
        var groups = WaterfallQuestion.GroupBy(text);

        Assert.Equal(period, groups.Period);
        Assert.Equal(dimensions, groups.Dimensions);
    }

    [Fact]
    public void A_filter_of_a_dimension_of_ones_own_is_by_its_name() =>
        Assert.Equal("""{ "dimension": "plan", "values": [ "pro" ] }""", WaterfallQuestion.Filter("custom.plan=pro").ToString());

    [Fact]
    public void A_filter_is_a_dimension_and_values_of_which_unknown_is_none() =>
        Assert.Equal(
            """{ "dimension": "channel", "values": [ "web-form", "event" ], "includeUnknown": true }""",
            WaterfallQuestion.Filter("channel=web-form,unknown,event").ToString());

    [Fact]
    public async Task What_only_the_service_can_refuse_is_wrong_usage_too_with_the_options_named_as_they_are_typed()
    {
        using var temp = new TempCheckout();
        await using var stack = await FakeStack.StartAsync();
        stack.Failures.Enqueue(new RpcException(new Status(StatusCode.InvalidArgument, "One or more fields are invalid: as_of is in the future; "
            + "group_by_period would make more than 1,310 groups: ask for weeks, or a start_time of 2023-04-23T00:00:00Z or later.")));

        Assert.Equal(2, await temp.RunAsync("waterfall", "--gateway", stack.Address, "--token", "secret"));
        Assert.Equal(
            "l2r: One or more fields are invalid: --as-of is in the future; "
                + "--by would make more than 1,310 groups: ask for weeks, or a --from of 2023-04-23T00:00:00Z or later.\n",
            temp.Errors.ToString());
    }

    [Fact]
    public async Task A_tenant_without_data_is_named_in_a_sentence()
    {
        using var temp = new TempCheckout();
        await using var stack = await FakeStack.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = DevToken.Issue(key.ExportPkcs8PrivateKeyPem(), "acme", ["revops"], "test", TimeSpan.FromHours(1), TimeProvider.System);

        Assert.Equal(0, await temp.RunAsync("waterfall", "--gateway", stack.Address, "--token", token));
        Assert.StartsWith("No journeys of tenant acme as of ", temp.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--as-of tomorrow", "--as-of takes an instant such as 2026-03-31T00:00:00Z, or a day such as 2026-03-31; not 'tomorrow'")]
    [InlineData("--horizon 7", "--horizon takes durations of whole numbers and a unit (s, m, h, d), as in 12h,7d,30d; not '7'")]
    [InlineData("--filter channel", "--filter takes a dimension and its values, as in channel=web-form,event; not 'channel'")]
    [InlineData(
        "--filter colour=red",
        "--filter takes one of the dimensions (channel, source, campaign, motion, owner, team, product, policy_version, segment, region, custom.NAME), not 'colour'")]
    [InlineData(
        "--filter custom.Colour=red",
        "--filter takes one of the dimensions (channel, source, campaign, motion, owner, team, product, policy_version, segment, region, custom.NAME), "
            + "not 'custom.Colour'")]
    [InlineData("--by month,week", "--by takes one period at a time, not month and week")]
    [InlineData("--by channel,owner,team", "--by takes at most 2 dimensions, not channel, owner, team")]
    [InlineData(
        "--by moth",
        "--by takes a period (day, week, month, quarter, fiscal-year) or dimensions "
            + "(channel, source, campaign, motion, owner, team, product, policy_version, segment, region, custom.NAME), not 'moth'")]
    [InlineData("--cohort-by REJECTED", "--cohort-by takes one of LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON; not 'REJECTED'")]
    [InlineData("--journeys last", "--journeys takes any, first or latest; not 'last'")]
    public async Task What_cannot_be_asked_is_wrong_usage(string option, string said)
    {
        using var temp = new TempCheckout();

        Assert.Equal(2, await temp.RunAsync(["waterfall", .. option.Split(' ')]));
        Assert.Equal($"l2r: {said}\nl2r: ./l2r waterfall --help tells how\n", temp.Errors.ToString());
    }
}
