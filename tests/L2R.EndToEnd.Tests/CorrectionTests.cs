using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>A corrected row whose new stage is another service's than the old one.</summary>
public sealed class CorrectionTests(StackFixture stack)
{
    readonly string _tenant = $"corrections-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_row_that_moves_to_another_owner_is_superseded_there_and_back_once_each_time()
    {
        await ImportAsync("MQL", "--correct", "2 rows stored");
        foreach (var stage in new[] { "SAL", "MQL", "SAL" })
        {
            await ImportAsync(stage, "--correct", "stored, 1 unchanged, 1 corrected, 0 rejected");
            Assert.Equal(["LEAD", stage], await InForceAsync(["LEAD", stage]));
            await ImportAsync(stage, "--correct", "nothing new: 2 rows unchanged");
        }
        Assert.Equal(["LEAD", "SAL"], await InForceAsync(["LEAD", "SAL"]));
    }

    [Fact]
    public async Task It_is_superseded_too_where_the_correction_was_forgotten_the_first_time()
    {
        await ImportAsync("MQL", "--no-wait", "2 rows stored");
        await ImportAsync("SAL", "--no-wait", "stored, 1 unchanged, 0 corrected"); // the ledger keeps what it had under that key

        await ImportAsync("SAL", "--correct", "stored, 1 unchanged, 1 corrected, 0 rejected");

        Assert.Equal(["LEAD", "SAL"], await InForceAsync(["LEAD", "SAL"]));
    }

    async Task ImportAsync(string stage, string option, string expected)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{_tenant}.csv");
        await File.WriteAllTextAsync(
            file,
            $"""
            case_id,stage,occurred_at,actor,reason,amount_eur,source_seq
            1,LEAD,2011-10-01T00:38:44.546+02:00,112,,20000,0
            1,{stage},2011-10-01T01:38:44.546+02:00,112,,20000,1

            """,
            TestContext.Current.CancellationToken);
        var end = await CliProcess.RunAsync("import", file, "--map", "loans", option, "--tenant", _tenant, "--gateway", stack.Gateway);
        Assert.True((end.ExitCode, end.Errors) == (0, ""), $"The import ended with {end.ExitCode}: {end.Errors}{end.Output}");
        Assert.Contains(expected, end.Output, StringComparison.Ordinal);
    }

    /// <summary>What the ledger holds to be true of the journey, once that is as expected.</summary>
    async Task<IReadOnlyList<string>> InForceAsync(string[] expected)
    {
        IReadOnlyList<string> found = [];
        await Eventually.EqualAsync(string.Join(' ', expected), async () => string.Join(' ', found = await ReadAsync()));
        return found;
    }

    async Task<IReadOnlyList<string>> ReadAsync()
    {
        var name = $"journeys/{TransitionId.OfJourney(_tenant, "loans", "1"):D}";
        var journey = await new MetricsService.MetricsServiceClient(stack.Channel)
            .GetJourneyAsync(new GetJourneyRequest { Name = name }, await CliToken.AsAsync(_tenant));
        return [.. journey.Rows.Where(row => row.InForce).Select(row => row.Change.To.ToDomain()!.Value.Name())];
    }
}
