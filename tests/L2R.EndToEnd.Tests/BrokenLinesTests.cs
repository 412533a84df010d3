using L2R.Metrics.V1;

namespace L2R.EndToEnd.Tests;

/// <summary>A file with lines that cannot be taken in.</summary>
public sealed class BrokenLinesTests(StackFixture stack)
{
    const string Tenant = "broken-lines";

    const string Text = """
        case_id,stage,occurred_at,actor,reason,amount_eur,source_seq
        1,LEAD,2011-10-01T00:38:44.546+02:00,112,,20000,0
        1,MQL,around noon,112,,20000,1
        1,REJECTED,2011-10-02T00:39:37.906+02:00,112,declined,20000,2
        2,LEAD,2011-10-01T08:08:58.256+02:00,112,,5000,0
        2,WON,2011-10-01T08:09:56.648+02:00,112,,5000,1
        2,MQL,2011-10-01T08:09:56.648+02:00,112,,5000,2
        3,LEAD,2011-10-01T08:10:30.287+02:00

        """;

    [Fact]
    public async Task Each_is_told_with_its_number_and_cause_and_the_rest_is_in()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "broken.csv");
        await File.WriteAllTextAsync(file, Text, TestContext.Current.CancellationToken);

        var end = await CliProcess.RunAsync("import", file, "--map", "loans", "--tenant", Tenant, "--gateway", stack.Gateway);

        Assert.Equal((3, ""), (end.ExitCode, end.Errors));
        Assert.Equal(
            [
                "line 3: LINE_INVALID: occurred_at must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not 'around noon'; because of it line 4 of its journey too",
                "line 6: LINE_INVALID: stage has 'WON', which is no stage of the map: "
                    + "LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON, CLOSED_LOST, DISQUALIFIED, REJECTED",
                "line 8: LINE_INVALID: the line has 3 fields where the header has 7",
            ],
            end.Output.Split('\n').Where(line => line.StartsWith("line ", StringComparison.Ordinal)));
        var waterfall = await stack.GetWaterfallAsync(Tenant, new GetWaterfallRequest());
        Assert.Equal(["LEAD 2", "MQL 1"], Assert.Single(waterfall.Groups).Entries());
    }
}
