using L2R.Cli.Imports;
using L2R.Cli.Simulation;
using L2R.Intake.V1;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulateCommandTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_file_needs_no_stack_and_is_the_same_the_next_time()
    {
        var file = Path.Combine(_temp.Checkout.Root, "out.csv");

        Assert.Equal(0, await SimulateAsync($"--journeys 30 --months 6 --until 2026-07-01 --out {file}"));
        var first = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(0, await SimulateAsync($"--journeys 30 --months 6 --until 2026-07-01 --out {file}"));

        Assert.Equal(first, await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal("lead,journey,source_seq,stage,occurred_at,actor,reason,amount,channel,campaign,segment,owner", first[0]);
        var touchFile = Path.ChangeExtension(file, ".touches.csv");
        var touches = await File.ReadAllLinesAsync(touchFile, TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                $"{first.Length - 1} rows of {first.Skip(1).Select(line => line.Split(',')[1]).Distinct().Count()} journeys in {file}",
                $"{touches.Length - 1} touches in {touchFile}",
                $"./l2r import {file} --map plain --tenant simulation-file takes them in,",
                $"./l2r import {touchFile} --touchpoints --tenant simulation-file the touches",
            ],
            _temp.Output.ToString().Split('\n')[..4]);
    }

    [Fact]
    public async Task The_touches_in_the_file_are_those_that_are_sent()
    {
        var options = new SimulationOptions(300, Months: 6, Seed: 7, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(0, await SimulateAsync($"--journeys 300 --months 6 --until 2026-07-01 --out {Path.Combine(_temp.Checkout.Root, "out.csv")}"));

        var map = ImportMap.Find(ImportMap.ShippedOfTouches[0], ofTouches: true);
        var file = new FileReader(Path.Combine(_temp.Checkout.Root, "out.touches.csv"), map, options.Until);
        var reader = new TouchRowReader(map, file.Header, options.Until);
        var read = file.Lines().Select(line => reader.Read(line.Number, line.Cells, line.Problem)).ToList();

        Assert.All(read, line => Assert.Null(line.Refusal));
        var drawn = new SimulatedTouches(options);
        Assert.Equal(new Generator(options).Journeys().SelectMany(drawn.Whole).Select(Content), read.Select(line => Content(line.Touch!)));

        // In the file a touch is the so-many-th of its lead, and no column says whether the lead acted.
        static ImportedTouchpoint Content(ImportedTouchpoint touch) => new(touch) { Line = 0, SourceKey = "", SourceSeq = 0, Engagement = false };
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_a_sentence()
    {
        Assert.Equal(1, await SimulateAsync("--out /nowhere/out.csv"));
        Assert.StartsWith("l2r: /nowhere/out.csv cannot be written: ", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "l2r: The stack is not up: ./l2r up starts it; --gateway names one that runs elsewhere.\n", 1)]
    [InlineData("--journeys 0", "l2r: --journeys is a whole number from 1 to 10000000, not '0'\n" + Help, 2)]
    [InlineData("--months 61", "l2r: --months is a whole number from 1 to 60, not '61'\n" + Help, 2)]
    [InlineData("--seed x", "l2r: --seed is a whole number from 0 to 2147483647, not 'x'\n" + Help, 2)]
    [InlineData("--until 2999-01-01", "l2r: --until is a day that has begun, such as 2026-03-31; not '2999-01-01'\n" + Help, 2)]
    [InlineData("--until noon", "l2r: --until is a day that has begun, such as 2026-03-31; not 'noon'\n" + Help, 2)]
    [InlineData("--live 0", "l2r: --live is a number from 0.001 to 1000, not '0'\n" + Help, 2)]
    [InlineData("--live 1 --months 3", "l2r: --live takes no --months\n" + Help, 2)]
    [InlineData("--live 1 --out f.csv", "l2r: --live takes no --out\n" + Help, 2)]
    [InlineData("--speed-up 60", "l2r: --speed-up goes with --live\n" + Help, 2)]
    public async Task What_cannot_be_done_is_said(string arguments, string said, int exitCode)
    {
        Assert.Equal(exitCode, await SimulateAsync(arguments));
        Assert.Equal(("", said), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    const string Help = "l2r: ./l2r simulate --help tells how\n";

    Task<int> SimulateAsync(string arguments) => _temp.RunAsync(["simulate", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
