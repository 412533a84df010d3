using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Waterfalls;

/// <summary>Compared with <c>*.verified.txt</c> beside this file.</summary>
public sealed class WaterfallTableTests
{
    static readonly (Ledger.Domain.Stage From, Ledger.Domain.Stage To)[] Pairs =
    [
        .. Stages.Waterfall.Zip(Stages.Waterfall.Skip(1)), (Ledger.Domain.Stage.Lead, Ledger.Domain.Stage.ClosedWon),
    ];

    [Fact]
    public Task One_group_shows_every_figure_with_what_it_rests_on() => VerifyAsync(Waterfall(Group()));

    [Fact]
    public Task Groups_are_a_line_each()
    {
        var (october, november) = (Group(), Group(isYoung: true));
        october.Period = new Period { Name = "2011-10" };
        october.Dimensions.Add(new DimensionValue { Dimension = "channel", Value = "a-channel-with-a-very-long-name" });
        november.Period = new Period { Name = "2011-11" };
        november.Dimensions.Add(new DimensionValue { Dimension = "channel", Unknown = true });
        november.WonAmounts.Clear();
        return VerifyAsync(Waterfall(october, november));
    }

    [Fact]
    public Task An_empty_ledger_has_dashes_where_there_is_nothing_to_divide_by()
    {
        var group = new WaterfallGroup
        {
            Quality = new Quality(),
            Volumes = { Stages.All.Select(stage => new StageVolume { Stage = stage.ToProto() }) },
            Pairs =
            {
                Pairs.Select(pair => new PairFigures
                {
                    From = pair.From.ToProto(),
                    To = pair.To.ToProto(),
                    ToDate = new Rate(),
                    Horizons = { new HorizonConversion { Horizon = TimeSpan.FromDays(7).ToDuration(), Rate = new Rate() } },
                    CohortVelocity = new Velocity(),
                }),
            },
        };
        return VerifyAsync(Waterfall(group));
    }

    [Theory]
    [InlineData(1.3, "1.3 s")]
    [InlineData(9.94, "9.9 s")]
    [InlineData(43.963, "44 s")]
    [InlineData(59.6, "1 min")]
    [InlineData(838, "14 min")]
    [InlineData(14_832.5, "4.1 h")]
    [InlineData(86_400, "1.0 d")]
    [InlineData(1_382_200, "16.0 d")]
    public void A_duration_is_in_the_unit_that_a_person_would_choose(double seconds, string text) =>
        Assert.Equal(text, Figure.Time(TimeSpan.FromSeconds(seconds).ToDuration()));

    static Waterfall Waterfall(params WaterfallGroup[] groups) => new()
    {
        AsOf = Timestamp.FromDateTime(new DateTime(2012, 3, 14, 15, 4, 54, 681, DateTimeKind.Utc)),
        KnownAt = Timestamp.FromDateTime(new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc)),
        TimeZone = "Europe/Amsterdam",
        JourneyCount = 12_345_678,
        Groups = { groups },
    };

    static WaterfallGroup Group(bool isYoung = false) => new()
    {
        Volumes =
        {
            Stages.All.Select((stage, index) => new StageVolume
            {
                Stage = stage.ToProto(),
                ReachCount = 12_000_000 / (index + 1),
                InferredCount = index * 1_000,
                EntryCount = 13_000_000 / (index + 1),
                StockEndCount = index * 111_111,
            }),
        },
        Pairs = { Pairs.Select((pair, index) => Pair(pair.From, pair.To, index, isYoung)) },
        WonAmounts = { 35_290_338m.ToMoney("EUR"), 12.5m.ToMoney("USD") },
        Quality = new Quality { InferredCount = 1, UnknownCount = 2, LateCount = 30_000, OutOfOrderCount = 4, WithoutAmountCount = 5 },
    };

    static PairFigures Pair(Ledger.Domain.Stage from, Ledger.Domain.Stage to, int index, bool isYoung) => new()
    {
        From = from.ToProto(),
        To = to.ToProto(),
        CohortCount = 12_000_000 / (index + 1),
        OpenCount = 1_000_000 / (index + 1),
        ToDate = Rate(0.5, 12_000_000 / (index + 1)),
        Horizons =
        {
            new HorizonConversion { Horizon = TimeSpan.FromHours(12).ToDuration(), Rate = Rate(0.123456, 9_000_000) },
            new HorizonConversion { Horizon = TimeSpan.FromDays(90).ToDuration(), Rate = isYoung ? new Rate() : Rate(1.0 / (index + 2), 8_000), ImmatureCount = 4 },
        },
        Curve =
        {
            new CurvePoint { Time = TimeSpan.FromDays(30).ToDuration(), Ratio = 0.4, IntervalLowRatio = 0.35, IntervalHighRatio = 0.45, AtRiskCount = 1_234 },
            new CurvePoint { Time = TimeSpan.FromDays(60).ToDuration(), Ratio = 1 },
        },
        CohortVelocity = new Velocity { JourneyCount = 9, Median = TimeSpan.FromSeconds(1.3 * Math.Pow(17, index)).ToDuration() },
    };

    static Rate Rate(double ratio, long n) =>
        new() { CohortCount = n, Ratio = ratio, IntervalLowRatio = ratio - 0.01, IntervalHighRatio = ratio + 0.01 };

    static async Task VerifyAsync(Waterfall waterfall, [CallerMemberName] string name = "")
    {
        var received = string.Join('\n', WaterfallTable.ToLines(waterfall)) + "\n";
        Assert.All(received.Split('\n'), line => Assert.InRange(line.Length, 0, 100));

        var verified = Path.Combine(AppContext.BaseDirectory, "Waterfalls", $"{name}.verified.txt");
        if (!File.Exists(verified) || await File.ReadAllTextAsync(verified, TestContext.Current.CancellationToken) != received)
        {
            var path = Path.ChangeExtension(Path.ChangeExtension(verified, null), "received.txt");
            await File.WriteAllTextAsync(path, received, TestContext.Current.CancellationToken);
            Assert.Fail($"{path} differs from the verified file: if it is right, copy it beside the test as {name}.verified.txt.\n{received}");
        }
    }
}
