using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Exports;
using L2R.Cli.Tests.Practice;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Exports;

public sealed class AnswerCsvTests
{
    static readonly Timestamp AsOf = new DateTimeOffset(2026, 3, 31, 22, 0, 0, TimeSpan.Zero).ToTimestamp();

    static Duration Days(double days) => TimeSpan.FromDays(days).ToDuration();

    static Waterfall Waterfall() => new()
    {
        AsOf = AsOf,
        KnownAt = AsOf,
        TimeZone = "UTC",
        JourneyCount = 9,
        Groups =
        {
            new WaterfallGroup
            {
                Period = new() { Name = "2026-03", StartTime = AsOf, EndTime = AsOf },
                Dimensions = { new DimensionValue { Dimension = "channel", Value = "-2+3" } },
                Volumes = { new StageVolume { Stage = Stage.ClosedWon, ReachCount = 2 } },
                Pairs =
                {
                    new PairFigures
                    {
                        From = Stage.Lead,
                        To = Stage.Mql,
                        CohortCount = 4,
                        ToDate = new() { ConvertedCount = 1, CohortCount = 4, Ratio = 0.25, IntervalLowRatio = 0.1, IntervalHighRatio = 0.5 },
                        Horizons =
                        {
                            new HorizonConversion { Horizon = Days(7), Rate = new() { ConvertedCount = 1, CohortCount = 2, Ratio = 0.5 }, ImmatureCount = 2 },
                            new HorizonConversion { Horizon = Days(30), Rate = new() { NoValueReason = "none is mature" }, ImmatureCount = 4 },
                        },
                        CohortVelocity = new() { JourneyCount = 1, Median = Days(0.25) },
                    },
                },
                WonAmounts = { 10.5m.ToMoney("EUR"), 3m.ToMoney("USD") },
            },
            new WaterfallGroup { Dimensions = { new DimensionValue { Dimension = "channel", Unknown = true } }, Volumes = { new StageVolume { Stage = Stage.Lead } } },
        },
    };

    static string[] Lines(IMessage answer, string? table = null) =>
        [.. AnswerCsv.ToLines([answer], answer.Descriptor, table).Select(line => line.EndsWith("\r\n", StringComparison.Ordinal) ? line[..^2] : "no line end")];

    [Fact]
    public void The_main_table_has_a_row_for_each_figure_with_all_that_it_stands_in() => Assert.Equal(
        [
            "as_of,known_at,time_zone,journey_count,out_of_scope_count,period_name,period_start_time,period_end_time,channel,quality_inferred_count,quality_unknown_count,quality_late_count,"
                + "quality_out_of_order_count,quality_without_amount_count,quality_mismatched_count,stage,reach_count,inferred_count,entry_count,departure_count,stock_start_count,stock_end_count",
            "2026-03-31T22:00:00Z,2026-03-31T22:00:00Z,UTC,9,0,2026-03,2026-03-31T22:00:00Z,2026-03-31T22:00:00Z,'-2+3,,,,,,,CLOSED_WON,2,0,0,0,0,0",
            "2026-03-31T22:00:00Z,2026-03-31T22:00:00Z,UTC,9,0,,,,,,,,,,,LEAD,0,0,0,0,0,0",
        ],
        Lines(Waterfall()));

    [Fact]
    public void A_table_is_asked_for_by_the_end_of_its_name()
    {
        var pairs = Lines(Waterfall(), "pairs");
        var horizons = Cells(Lines(Waterfall(), "groups.pairs.horizons"));
        var amounts = Cells(Lines(Waterfall(), "won_amounts"));

        Assert.Equal(2, pairs.Length);
        Assert.Equal(["LEAD", "MQL", "0.25", "21600"], new[] { "from", "to", "to_date_ratio", "cohort_velocity_median" }.Select(column => Cells(pairs)[0][column]));
        Assert.Equal(
            [("604800", "0.5", "2"), ("2592000", "", "4")], horizons.Select(row => (row["horizon"], row["rate_ratio"], row["immature_count"])));
        Assert.Equal([("10.5", "EUR"), ("3", "USD")], amounts.Select(row => (row["amount"], row["currency"])));
        Assert.Equal(["9"], amounts.Select(row => row["journey_count"]).Distinct());
    }

    [Fact]
    public void A_table_that_there_is_not_is_refused_with_those_that_there_are()
    {
        var refused = Assert.Throws<CommandFailedException>(() => Lines(Waterfall(), "stage"));

        Assert.Equal(
            "--csv has the tables answer, groups, groups.volumes, groups.pairs, groups.pairs.horizons, groups.pairs.curve, groups.won_amounts, annotations; not 'stage'", refused.Message);
        Assert.Equal(2, refused.ExitCode);
    }

    [Fact]
    public void A_cohort_that_is_not_mature_has_empty_cells_and_every_cell_its_horizon()
    {
        var rows = Cells(Lines(new CohortTable
        {
            AsOf = AsOf,
            Horizons = { Days(7), Days(14) },
            Rows =
            {
                new CohortRow
                {
                    Dimensions = { new CohortValue { Dimension = "segment", Other = true } },
                    Cells =
                    {
                        new CohortCell { State = CohortCellState.Mature, Rate = new() { ConvertedCount = 1, CohortCount = 2, Ratio = 0.5 } },
                        new CohortCell { State = CohortCellState.NotMature, ImmatureCount = 2 },
                    },
                },
            },
        }));

        Assert.Equal(
            [("(other)", "604800", "MATURE", "0.5", "1"), ("(other)", "1209600", "NOT_MATURE", "", "")],
            rows.Select(row => (row["segment"], row["horizon"], row["state"], row["rate_ratio"], row["rate_converted_count"])));
    }

    public static TheoryData<string> Answers =>
        [.. MetricsService.Descriptor.Methods.Where(rpc => rpc.Name.StartsWith("Get", StringComparison.Ordinal) || rpc.Name is "CompareKnown" or "ExplainChange").Select(rpc => rpc.OutputType.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Every_table_of_every_answer_has_columns_of_its_own(string answer)
    {
        var type = MetricsService.Descriptor.Methods.Select(rpc => rpc.OutputType).First(output => output.Name == answer);
        var full = Full(type, depth: 0);

        foreach (var table in AnswerCsv.TablesOf(type).Keys)
        {
            var lines = Lines(full, table);
            var columns = lines[0].Split(',');
            Assert.True(columns.Length == columns.Distinct().Count(), $"{table}: {lines[0]}");
            Assert.All(columns, column => Assert.Matches("^[a-z0-9_]+$", column));
            Assert.True(lines.Length > 1, $"{table} has no row");
        }
    }

    [Theory]
    [InlineData(typeof(Waterfall), "groups.volumes")]
    [InlineData(typeof(CohortTable), "rows.cells")]
    [InlineData(typeof(VelocityReport), "answer")]
    [InlineData(typeof(Flow), "periods.stages")]
    [InlineData(typeof(KnownComparison), "moved_figures")]
    [InlineData(typeof(ConversionCurves), "curves.steps")]
    [InlineData(typeof(ChangeExplanation), "parts")]
    [InlineData(typeof(Attribution), "models.credits")]
    [InlineData(typeof(Diagnosis), "pairs")]
    [InlineData(typeof(GoalPlan), "stages.months")]
    [InlineData(typeof(Outlook), "stages")]
    [InlineData(typeof(TargetSuggestions), "suggestions")]
    [InlineData(typeof(Economics), "rows.stages")]
    [InlineData(typeof(Pipeline), "rows")]
    [InlineData(typeof(Nurture), "periods")]
    [InlineData(typeof(Settings), "custom_dimensions")]
    [InlineData(typeof(Target), "answer")]
    public void The_main_table_is_what_most_ask_for(System.Type type, string table)
    {
        var answer = Full(((IMessage)Activator.CreateInstance(type)!).Descriptor, depth: 0);

        Assert.Equal(Lines(answer, table), Lines(answer));
    }

    [Theory]
    [InlineData(true, "waterfall")]
    [InlineData(true, "waterfall", "--by", "channel")]
    [InlineData(false, "targets")]
    public async Task Commands_print_it(bool isWaterfall, params string[] command)
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Waterfall = Waterfall();
        metrics.Targets.AddRange([new() { Name = "targets/1", From = Stage.Lead, Volume = new() { ReachCount = 5 } }, new() { Name = "targets/2" }]);
        using var temp = new TempCheckout();

        Assert.Equal(0, await temp.RunAsync([.. command, "--csv", "--gateway", metrics.Address, "--token", "secret"]));

        Assert.Equal(3, temp.Output.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith(isWaterfall ? "as_of," : "name,from,to,segment_dimension,segment_value,volume_reach_count,", temp.Output.ToString());
        Assert.Equal(2, await temp.RunAsync([.. command, "--csv", "--json", "--gateway", metrics.Address, "--token", "secret"]));
    }

    static List<Dictionary<string, string>> Cells(string[] lines) =>
        [.. lines.Skip(1).Select(line => lines[0].Split(',').Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];

    /// <summary>A message with something in every field, and one element in every list.</summary>
    static IMessage Full(MessageDescriptor type, int depth)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message && !field.IsMap && depth < 8))
        {
            var value = field.MessageType == DimensionValue.Descriptor ? new DimensionValue { Dimension = "segment" }
                : field.MessageType == CohortValue.Descriptor ? new CohortValue { Dimension = "segment" }
                : Full(field.MessageType, depth + 1);
            if (field.IsRepeated)
            {
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }
        return message;
    }
}
