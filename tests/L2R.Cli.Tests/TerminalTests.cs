namespace L2R.Cli.Tests;

public sealed class TerminalTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Follows_work_to_its_end_on_a_terminal_and_in_a_pipe(bool isTerminal)
    {
        using var output = new StringWriter();
        var end = new TaskCompletionSource();
        var reads = 0;

        await new Terminal(output, isTerminal).FollowAsync(Read, end.Task, TimeSpan.FromMilliseconds(1));

        Assert.InRange(reads, 3, int.MaxValue);
        if (!isTerminal) // the bar needs one that this test has not
        {
            Assert.StartsWith("l2r: 1 of 3 [odd] rows sent, 7/s\n", output.ToString(), StringComparison.Ordinal);
        }

        WorkState Read()
        {
            if (++reads == 3)
            {
                end.SetResult();
            }
            return new("[odd] rows sent", reads, 3, PerSecond: 7);
        }
    }

    [Fact]
    public void A_row_of_a_table_is_one_line_on_a_narrow_terminal_too()
    {
        using var output = new StringWriter();

        new Terminal(output, isTerminal: true).Table(["a", "b"], [[new string('x', 90), new string('y', 90)]]);

        Assert.Contains($"{new string('x', 90)} {new string('y', 90)}", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_failure_of_the_work_is_told_on_a_terminal_too()
    {
        using var output = new StringWriter();

        await Assert.ThrowsAsync<CommandFailedException>(() => new Terminal(output, isTerminal: true).FollowAsync(
            () => new WorkState("rows sent", 1, 2, null), Task.FromException(new CommandFailedException("broken"))));
    }
}
