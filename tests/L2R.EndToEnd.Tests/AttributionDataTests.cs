using System.Globalization;
using System.Text.Json;
using L2R.Metrics.V1;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>The touches before 19,785 real conversions through <c>l2r import --touchpoints</c>, and credits that another program took from the raw file.</summary>
public sealed class AttributionDataTests(StackFixture stack)
{
    const string Tenant = "attribution";

    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly Dictionary<AttributionModel, string> Models = new()
    {
        [AttributionModel.FirstTouch] = "first_touch",
        [AttributionModel.LastTouch] = "last_touch",
        [AttributionModel.Linear] = "linear_touch",
        [AttributionModel.UShaped] = "position_40_20_40",
    };

    static string? Folder => Repository.Loans is { } loans && Path.Combine(loans, "..", "attribution") is var folder && Directory.Exists(folder) ? folder : null;

    [Fact]
    public async Task Every_credit_comes_out_of_two_files_that_join_by_the_key_of_the_lead()
    {
        Assert.SkipWhen(Folder is null, "The attribution data is not here: neither in L2R_DATA nor in shared/data beside the repository.");
        var folder = Directory.CreateTempSubdirectory("l2r-attribution-").FullName;
        try
        {
            var (moves, touches) = (Path.Combine(folder, "moves.csv"), Path.Combine(folder, "touches.csv"));
            var rows = await WriteAsync(moves, touches);
            await File.WriteAllTextAsync(
                Path.Combine(folder, "map.json"), """{ "source": "plain", "columns": { "lead_key": "lead", "stage": "stage", "occurred_at": "at" } }""",
                TestContext.Current.CancellationToken);

            // Either file may come first.
            var first = await CliProcess.RunAsync("import", touches, "--touchpoints", "--tenant", Tenant, "--gateway", stack.Gateway);
            Assert.Equal((0, ""), (first.ExitCode, first.Errors));
            Assert.Contains(FormattableString.Invariant($"{rows:#,0} rows stored, 0 unchanged, 0 corrected, 0 rejected; 19,785 leads"), first.Output, StringComparison.Ordinal);
            var second = await CliProcess.RunAsync("import", moves, "--map", Path.Combine(folder, "map.json"), "--tenant", Tenant, "--gateway", stack.Gateway);
            Assert.Equal((0, ""), (second.ExitCode, second.Errors));
            var again = await CliProcess.RunAsync("import", touches, "--touchpoints", "--tenant", Tenant, "--gateway", stack.Gateway);
            Assert.Contains(FormattableString.Invariant($"nothing new: {rows:#,0} rows unchanged"), again.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "expected.json"), TestContext.Current.CancellationToken));
        var client = new MetricsService.MetricsServiceClient(stack.Channel);
        var options = await CliToken.AsAsync(Tenant);
        var request = new GetAttributionRequest { Models = { Models.Keys } };
        Attribution answer = new();
        await Eventually.EqualAsync((19_785L, 0L), async () => (answer = await client.GetAttributionAsync(request, options)) is var asked ? (asked.WinCount, asked.UntouchedCount) : default);
        await Eventually.IsTrueAsync("every touch to be there", async () =>
        {
            answer = await client.GetAttributionAsync(request, options);
            return answer.Models.All(model => expected.RootElement.GetProperty(Models[model.Model]).EnumerateObject().All(channel =>
                Math.Abs((model.Credits.FirstOrDefault(credit => credit.Value == channel.Name)?.WinNanos / 1e9 ?? 0) - channel.Value.GetDouble()) < 1e-3));
        });
        Assert.All(answer.Models, model => Assert.Equal(19_785_000_000_000, model.Credits.Sum(credit => credit.WinNanos)));
    }

    /// <summary>A lead for each conversion, with a touch an hour.</summary>
    /// <returns>How many touches there are.</returns>
    static async Task<long> WriteAsync(string moves, string touches)
    {
        await using var move = new StreamWriter(moves);
        await using var touch = new StreamWriter(touches);
        await move.WriteLineAsync("lead,stage,at");
        await touch.WriteLineAsync("lead,occurred_at,kind,channel,campaign,cost,currency");
        var (lead, rows) = (0, 0L);
        foreach (var line in File.ReadLines(Path.Combine(Folder!, "paths.csv")).Skip(1))
        {
            var cells = line.Split(',');
            var path = cells[0].Split(" > ");
            for (var conversion = int.Parse(cells[1], CultureInfo.InvariantCulture); conversion > 0; conversion--)
            {
                lead++;
                foreach (var (index, channel) in path.Index())
                {
                    await touch.WriteLineAsync($"{lead},{At(index)},visit,{channel},,,");
                    rows++;
                }
                await move.WriteLineAsync($"{lead},LEAD,{At(0)}\n{lead},OPPORTUNITY,{At(1)}\n{lead},CLOSED_WON,{At(path.Length)}");
            }
        }
        return rows;

        static string At(int hours) => Start.AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }
}
