using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.EndToEnd.Tests;

/// <summary>kill -9 in the middle of an import: afterwards everything is there, once.</summary>
public sealed class FaultTests(StackFixture stack)
{
    static readonly Lazy<History> Import = new(History.Find);

    static string[] Options => ["--map", "loans", "--batch", "100"]; // small batches: the import takes long enough to be hit in its middle

    [Theory]
    [InlineData("opportunity")]
    [InlineData("metrics")]
    [InlineData("intake", "scoring", "handoff", "gateway")]
    [InlineData("rabbitmq")]
    [InlineData("postgres")]
    public async Task An_import_survives_the_death_of(params string[] victims)
    {
        var tenant = $"fault-{victims[0]}";
        using var import = await StartAndWaitForItsMiddleAsync(tenant);

        var waits = await Task.WhenAll(victims.Select(stack.KillAsync));
        await Task.WhenAll(waits.Select(waitUntilItIsBack => waitUntilItIsBack()));

        var end = await import.WaitForEndAsync();
        Assert.True(end.ExitCode == 0, $"{end.Output}\n{end.Errors}");
        await CheckAsync(tenant);
    }

    [Fact]
    public async Task An_import_that_is_killed_itself_is_run_again()
    {
        const string tenant = "fault-cli";
        using (var import = await StartAndWaitForItsMiddleAsync(tenant))
        {
            import.Kill();
            Assert.Equal(137, (await import.WaitForEndAsync()).ExitCode);
        }

        var again = await CliProcess.RunAsync(["import", Import.Value.Path, .. Options, "--tenant", tenant, "--gateway", stack.Gateway]);

        Assert.True(again.ExitCode == 0, $"{again.Output}\n{again.Errors}");
        await CheckAsync(tenant);
    }

    async Task<CliProcess> StartAndWaitForItsMiddleAsync(string tenant)
    {
        await stack.WaitUntilReadyAsync();
        var import = CliProcess.Start(["import", Import.Value.Path, .. Options, "--tenant", tenant, "--gateway", stack.Gateway]);
        await Eventually.IsTrueAsync("the ledger to have some of the rows", async () => (await AskAsync(tenant)).JourneyCount > 500);
        Assert.False(import.HasEnded, "The import ended before its middle was seen.");
        return import;
    }

    async Task CheckAsync(string tenant)
    {
        var group = Assert.Single((await AskAsync(tenant)).Groups);

        Assert.Equal(Import.Value.Entries, group.Entries());
        Assert.Equal(Import.Value.WonEur, Assert.Single(group.WonAmounts).ToDecimal());
    }

    Task<Waterfall> AskAsync(string tenant) => stack.GetWaterfallAsync(tenant, new GetWaterfallRequest());
}
