using L2R.Cli.Bench;

namespace L2R.Cli.Tests;

public sealed class BenchReportTests
{
    static readonly BenchReport Report = new(
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        "abc1234",
        10,
        "generated",
        new Machine(2, "EPYC", 24_000_000_000, "Debian", ".NET 10", "15.18", 0.5),
        [
            // Ratios 0.1, 0.5 and 0.5: the median of them is not the ratio of the medians, 0.3.
            new Figure("CreateLead, 64 in flight", "calls/s", [100, 2_000, 300], "insert", [1_000, 4_000, 600], Aim: 3_000),
            new Figure("Live lead, p50", "ms", [4, 2], null, [], Aim: null),
        ],
        [new ProcessMemory("intake", [130_000_000, 135_000_000])]);

    [Fact]
    public void Is_written_as_JSON_with_medians_and_the_median_ratio() => Assert.Equal(
        """
        {
          "date": "2026-01-02T03:04:05+00:00",
          "commit": "abc1234",
          "seconds": 10,
          "history": "generated",
          "machine": {
            "cores": 2,
            "cpu": "EPYC",
            "memoryBytes": 24000000000,
            "os": "Debian",
            "dotnet": ".NET 10",
            "postgres": "15.18",
            "load": 0.5
          },
          "figures": [
            {
              "name": "CreateLead, 64 in flight",
              "unit": "calls/s",
              "rounds": [
                100,
                2000,
                300
              ],
              "limitName": "insert",
              "limitRounds": [
                1000,
                4000,
                600
              ],
              "aim": 3000,
              "value": 300,
              "limit": 1000,
              "ratio": 0.5
            },
            {
              "name": "Live lead, p50",
              "unit": "ms",
              "rounds": [
                4,
                2
              ],
              "limitName": null,
              "limitRounds": [],
              "aim": null,
              "value": 3,
              "limit": null,
              "ratio": null
            }
          ],
          "memory": [
            {
              "process": "intake",
              "bytes": [
                130000000,
                135000000
              ]
            }
          ]
        }
        """,
        Report.ToJson());

    [Fact]
    public void Is_printed_as_a_table_with_a_row_for_each_figure_and_where_it_was_measured()
    {
        using var temp = new TempCheckout();

        Report.Print(temp.Terminal);

        Assert.Equal(
            [
                "figure unit L2R raw limit ratio aim the limit is",
                "CreateLead, 64 in flight calls/s 300 1,000 0.50 3,000 insert",
                "Live lead, p50 ms 3.00",
                "",
                "MB of process round 1 at the end",
                "intake 130 135",
                "",
                "2 cores of EPYC, 24 GB, Debian, .NET 10, PostgreSQL 15.18, load 0.5 before the start",
                "commit abc1234, 2026-01-02; medians of 3 rounds of 10 s; history: generated",
            ],
            temp.Output.ToString().TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory]
    [InlineData(1, 7, 7)]
    [InlineData(100, 50, 99)]
    [InlineData(201, 101, 199)]
    public void Takes_percentiles_by_nearest_rank(int count, double p50, double p99) => Assert.Equal(
        new LoadResult(count, count / 2.0, p50, p99),
        LoadResult.Create([.. Enumerable.Range(count == 1 ? 7 : 1, count).Select(value => (double)value).Reverse()], TimeSpan.FromSeconds(2)));
}
