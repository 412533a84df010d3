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
    public Task Groups_stand_beside_each_other_with_every_figure_of_the_whole_table() => VerifyAsync(TwoGroups());

    [Fact]
    public void A_name_is_cut_only_where_it_is_asked_for()
    {
        Assert.Contains("2011-10 · partner-of-a-partner  ", string.Join('\n', WaterfallTable.ToLines(TwoGroups(), "demo", isOfNow: true)), StringComparison.Ordinal);
        Assert.Contains("2011-10 · part…  ", string.Join('\n', WaterfallTable.ToLines(TwoGroups(), "demo", isOfNow: true, longestName: 15)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme", false, "tenant acme", "; a later --as-of shows more, if there is more")]
    [InlineData(null, true, "the token's tenant", "")]
    public void An_empty_ledger_is_a_sentence(string? tenant, bool isOfNow, string whose, string hint)
    {
        var empty = Waterfall(Group());
        empty.JourneyCount = 0;

        Assert.Equal(
            [
                $"No journeys of {whose} as of 2012-03-14 15:04:54.681Z, as known at 2026-01-31 00:00:00Z.",
                $"./l2r import takes history in (./l2r import --help){hint}.",
            ],
            WaterfallTable.ToLines(empty, tenant, isOfNow));
    }

    [Fact]
    public void Groups_of_which_none_is_left_are_a_sentence() =>
        Assert.Equal("No journey is in question: the filters or the time leave none.", WaterfallTable.ToLines(Waterfall(), "demo", isOfNow: true).First());

    [Fact]
    public Task Where_there_is_nothing_to_divide_by_there_are_dashes()
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

    [Fact]
    public void A_group_in_which_nobody_moved_is_left_out_and_counted()
    {
        var waterfall = TwoGroups();
        var quiet = Group();
        quiet.Period = new Period { Name = "2011-12" };
        foreach (var volume in quiet.Volumes)
        {
            (volume.ReachCount, volume.EntryCount, volume.DepartureCount) = (0, 0, 0);
        }
        quiet.Quality.MismatchedCount = 0;
        var without = WaterfallTable.ToLines(waterfall, "demo", isOfNow: true).ToList();
        waterfall.Groups.Add(quiet);

        Assert.Equal(
            [.. without[..^3], "", "Left out: 1 group in which nobody moved; stock there is that of the period before. --json has all.", .. without[^3..]],
            WaterfallTable.ToLines(waterfall, "demo", isOfNow: true));
        quiet.Volumes[3].DepartureCount = 1;
        Assert.Contains(WaterfallTable.ToLines(waterfall, "demo", isOfNow: true), line => line.StartsWith("2011-12 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pair_without_a_cohort_is_one_line_of_its_table()
    {
        var waterfall = TwoGroups();
        waterfall.Groups[1].Pairs[1].CohortCount = 0;

        var lines = WaterfallTable.ToLines(waterfall, "demo", isOfNow: true).SkipWhile(line => !line.StartsWith("MQL → SAL", StringComparison.Ordinal)).ToList();

        Assert.Equal(["2011-11 · unknown", "0", "–"], lines.First(line => line.StartsWith("2011-11", StringComparison.Ordinal)).Split("  ", StringSplitOptions.RemoveEmptyEntries)[..3].Select(cell => cell.Trim()));
        Assert.Equal("", lines[lines.FindIndex(line => line.StartsWith("2011-11", StringComparison.Ordinal)) + 1]);
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

    static Waterfall TwoGroups()
    {
        var (october, november) = (Group(size: 120_000), Group(isYoung: true, size: 12_000));
        october.Period = new Period { Name = "2011-10" };
        october.Dimensions.Add(new DimensionValue { Dimension = "channel", Value = "partner-of-a-partner" });
        november.Period = new Period { Name = "2011-11" };
        november.Dimensions.Add(new DimensionValue { Dimension = "channel", Unknown = true });
        november.WonAmounts.Clear();
        return Waterfall(october, november);
    }

    static Waterfall Waterfall(params WaterfallGroup[] groups) => new()
    {
        AsOf = Timestamp.FromDateTime(new DateTime(2012, 3, 14, 15, 4, 54, 681, DateTimeKind.Utc)),
        KnownAt = Timestamp.FromDateTime(new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc)),
        TimeZone = "Europe/Amsterdam",
        JourneyCount = 12_345_678,
        Groups = { groups },
    };

    static WaterfallGroup Group(bool isYoung = false, int size = 12_000_000) => new()
    {
        Volumes =
        {
            Stages.All.Select((stage, index) => new StageVolume
            {
                Stage = stage.ToProto(),
                ReachCount = size / (index + 1),
                InferredCount = index * size / 12_000,
                EntryCount = (size + size / 12) / (index + 1),
                StockEndCount = index * (size / 108),
            }),
        },
        Pairs = { Pairs.Select((pair, index) => Pair(pair.From, pair.To, index, isYoung, size)) },
        WonAmounts = { 35_290_338m.ToMoney("EUR"), 12.5m.ToMoney("USD") },
        Quality = new Quality { InferredCount = 1, UnknownCount = 2, LateCount = 30_000, OutOfOrderCount = 4, WithoutAmountCount = 5, MismatchedCount = 6 },
    };

    static PairFigures Pair(Ledger.Domain.Stage from, Ledger.Domain.Stage to, int index, bool isYoung, int size) => new()
    {
        From = from.ToProto(),
        To = to.ToProto(),
        CohortCount = size / (index + 1),
        OpenCount = size / 12 / (index + 1),
        ToDate = Rate(0.5, size / (index + 1)),
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
        var received = string.Join('\n', WaterfallTable.ToLines(waterfall, "demo", isOfNow: true)) + "\n";
        Assert.All(received.Split('\n'), line => Assert.InRange(line.Length, 0, 120));

        var verified = Path.Combine(AppContext.BaseDirectory, "Waterfalls", $"{name}.verified.txt");
        if (!File.Exists(verified) || await File.ReadAllTextAsync(verified, TestContext.Current.CancellationToken) != received)
        {
            var path = Path.ChangeExtension(Path.ChangeExtension(verified, null), "received.txt");
            await File.WriteAllTextAsync(path, received, TestContext.Current.CancellationToken);
            Assert.Fail($"{path} differs from the verified file: if it is right, copy it beside the test as {name}.verified.txt.\n{received}");
        }
    }
}
