using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class AttributionTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    async Task<Attribution> AskAsync(GetAttributionRequest request) =>
        await (await metrics.ClientAsync()).GetAttributionAsync(request, MetricsFixture.As(_tenant));

    static Touchpoint Touched(Guid lead, DateTimeOffset at, string channel) => new()
    {
        Name = $"touchpoints/{Guid.NewGuid()}",
        Lead = $"leads/{lead}",
        Kind = "visit",
        Channel = channel,
        Campaign = "spring",
        OccurTime = at.ToTimestamp(),
    };

    static StageChanged[] Won(Guid lead, long units)
    {
        var journey = Guid.NewGuid();
        var won = MetricsFixture.Row(lead, journey, Stage.ClosedWon, 4, Noon.AddDays(20));
        won.Amount = new Money { CurrencyCode = "EUR", Units = units };
        return
        [
            MetricsFixture.Row(lead, journey, Stage.Lead, 1, Noon),
            MetricsFixture.Row(lead, journey, Stage.Mql, 2, Noon.AddDays(5)),
            MetricsFixture.Row(lead, journey, Stage.Opportunity, 3, Noon.AddDays(10)),
            won,
        ];
    }

    [Fact]
    public async Task Credits_the_touches_that_Intake_told_of_and_counts_the_wins_that_none_touched()
    {
        var (touched, untouched, lost) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Touchpoint[] touches =
        [
            Touched(touched, Noon.AddDays(-200), "too-early"),
            Touched(touched, Noon, "ads"),
            Touched(touched, Noon.AddDays(4), "mail"),
            Touched(touched, Noon.AddDays(9), "unknown"),
            Touched(touched, Noon.AddDays(21), "after-the-close"),
            Touched(lost, Noon, "ads"),
        ];
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Won(touched, 100), .. Won(untouched, 7), MetricsFixture.Row(lost, Guid.NewGuid(), Stage.Lead, 1, Noon)]);
        await metrics.SayAsync(_tenant, touches);
        await metrics.SayAsync(_tenant, touches); // told again
        var request = new GetAttributionRequest { AsOf = Noon.AddDays(30).ToTimestamp(), StartTime = Noon.ToTimestamp(), EndTime = Noon.AddDays(25).ToTimestamp() };
        await Eventually.EqualAsync((2L, 1L, 1L), async () =>
            await AskAsync(request) is var asked ? (asked.WinCount, asked.UntouchedCount, asked.NonconvertingCount) : default);

        var answer = await AskAsync(request);

        Assert.Equal("EUR 107", Amounts(answer.WonAmounts));
        Assert.Equal("EUR 7", Amounts(answer.UntouchedAmounts));
        Assert.Equal(
            [
                "FirstTouch: (unknown) 0 EUR 0, ads 1000000000 EUR 100, mail 0 EUR 0",
                "LastTouch: (unknown) 1000000000 EUR 100, ads 0 EUR 0, mail 0 EUR 0",
                "Linear: (unknown) 333333333 EUR 33.333333333, ads 333333334 EUR 33.333333334, mail 333333333 EUR 33.333333333",
                "UShaped: (unknown) 400000000 EUR 40, ads 400000000 EUR 40, mail 200000000 EUR 20",
                "WShaped: (unknown) 333333333 EUR 33.333333333, ads 333333334 EUR 33.333333334, mail 333333333 EUR 33.333333333",
            ],
            answer.Models.Take(5).Select(Text));
        Assert.Equal(
            [AttributionModel.TimeDecay, AttributionModel.Markov], answer.Models.Skip(5).Select(model => model.Model));
        Assert.All(answer.Models, model => Assert.Equal(1_000_000_000, model.Credits.Sum(credit => credit.WinNanos)));
        Assert.Equal([1.0, 1.0, 1.0], answer.RemovalEffects.Select(effect => effect.Share));

        var byCampaign = await AskAsync(new(request) { CreditTo = AttributionKey.Campaign, Models = { AttributionModel.Linear }, Lookback = Duration.FromTimeSpan(TimeSpan.FromDays(300)) });
        Assert.Equal(["Linear: spring 1000000000 EUR 100"], byCampaign.Models.Select(Text));

        var before = await AskAsync(new(request) { EndTime = Noon.AddDays(20).ToTimestamp() });
        Assert.Equal(0, before.WinCount);
    }

    [Fact]
    public async Task A_corrected_touch_counts_no_more_from_when_the_ledger_learnt_of_it()
    {
        var lead = Guid.NewGuid();
        var (wrong, right) = (Touched(lead, Noon, "ads"), Touched(lead, Noon, "mail"));
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Won(lead, 100));
        await metrics.SayAsync(_tenant, wrong);
        var request = new GetAttributionRequest { Models = { AttributionModel.Linear } };
        await Eventually.EqualAsync("ads", () => CreditedAsync(request));
        var before = (await AskAsync(request)).KnownAt;

        await metrics.SayAsync(_tenant, new TouchpointRecorded { Touchpoint = right, Origin = Origin.Import, Supersedes = wrong.Name });

        await Eventually.EqualAsync("mail", () => CreditedAsync(request));
        Assert.Equal("ads", await CreditedAsync(new(request) { KnownAt = before }));

        async Task<string> CreditedAsync(GetAttributionRequest asked) =>
            string.Join(",", (await AskAsync(asked)).Models.Single().Credits.Select(credit => credit.Value));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new GetAttributionRequest
        {
            StartTime = Noon.ToTimestamp(),
            EndTime = Noon.ToTimestamp(),
            CreditTo = (AttributionKey)9,
            Models = { AttributionModel.Linear, AttributionModel.Unspecified, AttributionModel.Linear },
            Lookback = new Duration(),
            HalfLife = new Duration { Seconds = -1 },
        }));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.All(
            new[] { "end_time", "credit_to", "models[1]", "models[2]", "lookback", "half_life" },
            field => Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal));
    }

    static string Text(ModelCredits model) =>
        $"{model.Model}: {string.Join(", ", model.Credits.Select(credit => $"{(credit.Unknown ? "(unknown)" : credit.Value)} {credit.WinNanos} {Amounts(credit.Amounts)}"))}";

    static string Amounts(IEnumerable<Money> amounts) =>
        string.Join(" ", amounts.Select(amount => $"{amount.CurrencyCode} {amount.Units}{(amount.Nanos > 0 ? $".{amount.Nanos:D9}" : "")}"));
}
