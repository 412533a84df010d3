using L2R.AppHost.Stack;

namespace L2R.AppHost.Tests.Stack;

public sealed class LogFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("l2r-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keeps_the_last_twenty_lines_at_hand_and_all_in_the_file()
    {
        using var log = new LogFile(Path.Combine(_folder, "x.log"));
        string[] lines = [.. Enumerable.Range(1, 21).Select(number => $"line {number}")];

        log.Add(lines);

        Assert.Equal(lines[1..], log.GetTail());
        Assert.Equal(lines, File.ReadAllLines(log.Path));
    }

    [Fact]
    public void Begins_empty_and_without_colours()
    {
        File.WriteAllText(Path.Combine(_folder, "x.log"), "of the last run\n");
        using var log = new LogFile(Path.Combine(_folder, "x.log"));

        log.Add(["\e[1;31mred\e[0m"]);

        Assert.Equal(["red"], File.ReadAllLines(log.Path));
    }

    [Fact]
    public void Begins_a_new_file_beyond_twenty_megabytes()
    {
        using var log = new LogFile(Path.Combine(_folder, "x.log"));
        var megabyte = new string('x', (1024 * 1024) - 1);

        log.Add(Enumerable.Repeat(megabyte, 20));
        Assert.False(File.Exists($"{log.Path}.1"));
        log.Add(["one more"]);
        log.Add(["and on"]);

        Assert.Equal((20 * 1024 * 1024) + 9, new FileInfo($"{log.Path}.1").Length);
        Assert.Equal(["and on"], File.ReadAllLines(log.Path));
    }
}
