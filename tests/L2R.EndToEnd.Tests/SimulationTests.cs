using System.Text.Json;
using L2R.Metrics.V1;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>Made-up history whose truth is known, through everything, beside what Metrics measures.</summary>
public sealed class SimulationTests(StackFixture stack)
{
    const string Source = "simulation-5-2000-12m-20260701";

    readonly string _tenant = $"simulation-{Guid.NewGuid():N}";

    [Fact]
    public async Task What_is_measured_is_what_was_drawn_and_intervals_cover_what_is_true()
    {
        var first = await SimulateAsync(exitCode: 0);
        var (history, compared) = (first.GetProperty("history"), first.GetProperty("comparison"));
        foreach (var what in new[] { "rows", "touches" })
        {
            var sent = history.GetProperty(what);
            Assert.Equal(first.GetProperty(what).GetInt64(), sent.GetProperty("stored").GetInt64()); // late ones included
            Assert.InRange(sent.GetProperty("corrected").GetInt64(), 10, 40);
        }
        Assert.Empty(compared.GetProperty("differences").EnumerateArray());
        Assert.Equal(((1 + 12 + 3) * 66) + (13 * 55), compared.GetProperty("figureCount").GetInt32()); // stock has no month; the last one just begins
        var touches = compared.GetProperty("touches");
        Assert.Empty(touches.GetProperty("differences").EnumerateArray());
        Assert.InRange(touches.GetProperty("figureCount").GetInt32(), 600, 3_000); // campaigns too
        var spent = touches.GetProperty("figures").EnumerateArray().Single(figure =>
            (figure.GetProperty("channel").GetString(), figure.GetProperty("figure").GetString()) == ("event", "spend cost EUR"));
        Assert.InRange(spent.GetProperty("measured").GetDouble(), 45 * 0.08 * 2_000 * 0.7, 45 * 0.08 * 2_000 * 1.3);
        var credited = touches.GetProperty("figures").EnumerateArray().Where(figure => figure.GetProperty("figure").GetString() == "wins by Linear").ToList();
        Assert.InRange(credited.Sum(figure => figure.GetProperty("measured").GetDouble()), 10, 100); // wins with a touch
        Assert.Equal(0, compared.GetProperty("missCount").GetInt32());
        Assert.InRange(compared.GetProperty("judgedCount").GetInt32(), 105, 210);
        Assert.InRange(compared.GetProperty("rates").GetProperty("covering").GetInt32(), 54, 60); // with this seed
        Assert.Equal(((1 + 12 + 3) * 6) + (3 * 3) + 11, compared.GetProperty("pairs").GetArrayLength());

        var second = (await SimulateAsync(exitCode: 0)).GetProperty("history");
        foreach (var again in new[] { second.GetProperty("rows"), second.GetProperty("touches"), second.GetProperty("spends") })
        {
            Assert.Equal((0L, 0L), (again.GetProperty("stored").GetInt64(), again.GetProperty("corrected").GetInt64()));
            Assert.Equal(again.GetProperty("sent").GetInt64(), again.GetProperty("unchanged").GetInt64());
        }

        await SmuggleAsync();
        var third = (await SimulateAsync(exitCode: 1)).GetProperty("comparison").GetProperty("differences").EnumerateArray().Select(difference =>
            $"{difference.GetProperty("channel").GetString() ?? "all"}: {difference.GetProperty("figure").GetString()} "
            + $"{difference.GetProperty("measured").GetDecimal() - difference.GetProperty("drawn").GetDecimal()}");
        string[] figures = ["cohort of LEAD → CLOSED_WON", "cohort of LEAD → MQL", "entries of LEAD", "open of LEAD → CLOSED_WON", "open of LEAD → MQL", "reach of LEAD", "stock of LEAD"];
        Assert.Equal(
            from channel in new[] { "all", "(segment unknown)", "event", "2026-03" }
            from figure in figures
            where (channel, figure) != ("2026-03", "stock of LEAD")
            select $"{channel}: {figure} 1",
            third);

        // What others bring into the tenant is in no answer of attribution and cost by itself.
        var other = (await SimulateAsync(exitCode: 0, journeys: 200)).GetProperty("comparison");
        Assert.Equal(JsonValueKind.Null, other.GetProperty("touches").ValueKind);
        Assert.Contains("other journeys", other.GetProperty("touchesNotComparedReason").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "LEAD 20", "SQL 3", "OPPORTUNITY 4", "CLOSED_WON 2")] // somebody buys again
    [InlineData(5, "LEAD 22", "MQL 5", "SAL 7")] // two come back, two are pulled
    public async Task Leads_that_are_played_live_come_to_where_their_services_moved_them(int seed, params string[] some)
    {
        var end = await CliProcess.RunAsync(
            "simulate", "--live", "40", "--journeys", "20", "--seed", $"{seed}", "--speed-up", "100000000", "--tenant", _tenant, "--gateway", stack.Gateway);
        Assert.True((end.ExitCode, end.Errors) == (0, ""), $"It ended with {end.ExitCode}: {end.Errors}{end.Output}");
        var said = end.Output.Split('\n').Select(line => line.TrimEnd()).ToList();
        Assert.Contains(said, line => line.StartsWith("20 leads started, 20 at their end", StringComparison.Ordinal));

        var moved = said.SkipWhile(line => !line.StartsWith("moved to", StringComparison.Ordinal)).Skip(1).Where(line => line.Length > 0)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Equal(some, moved.Intersect(some));
        await Eventually.EqualAsync(string.Join(", ", moved), async () =>
        {
            var request = new GetWaterfallRequest { Filters = { new DimensionFilter { Dimension = "source", Values = { $"simulation-live-{seed}" } } } };
            return string.Join(", ", Assert.Single((await stack.GetWaterfallAsync(_tenant, request)).Groups).Entries());
        });
    }

    /// <summary>A lead that the simulator knows nothing of, under the name of the simulation.</summary>
    async Task SmuggleAsync()
    {
        var (file, map) = (Path.Combine(AppContext.BaseDirectory, $"{_tenant}.csv"), Path.Combine(AppContext.BaseDirectory, $"{_tenant}.json"));
        await File.WriteAllTextAsync(file, "lead,stage,at\nsmuggled,LEAD,2026-03-01T12:00:00Z\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            map,
            $$"""
            {
              "source": "smuggler",
              "columns": { "lead_key": "lead", "stage": "stage", "occurred_at": "at" },
              "constants": { "source": "{{Source}}", "channel": "event" }
            }
            """,
            TestContext.Current.CancellationToken);
        var end = await CliProcess.RunAsync("import", file, "--map", map, "--tenant", _tenant, "--gateway", stack.Gateway);
        Assert.True((end.ExitCode, end.Errors) == (0, ""), $"The import ended with {end.ExitCode}: {end.Errors}{end.Output}");
    }

    async Task<JsonElement> SimulateAsync(int exitCode, int journeys = 2000)
    {
        var end = await CliProcess.RunAsync(
            "simulate", "--journeys", $"{journeys}", "--months", "12", "--seed", "5", "--until", "2026-07-01", "--json", "--tenant", _tenant, "--gateway", stack.Gateway);
        Assert.True((end.ExitCode, end.Errors) == (exitCode, ""), $"The simulation ended with {end.ExitCode}: {end.Errors}{end.Output}");
        using var report = JsonDocument.Parse(end.Output);
        Assert.Equal(Source.Replace("2000", $"{journeys}", StringComparison.Ordinal), report.RootElement.GetProperty("source").GetString());
        return report.RootElement.Clone();
    }
}
