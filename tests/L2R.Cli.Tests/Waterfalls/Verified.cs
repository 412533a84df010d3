using System.Runtime.CompilerServices;

namespace L2R.Cli.Tests.Waterfalls;

/// <summary>What a person reads, held against <c>*.verified.txt</c> beside the test.</summary>
static class Verified
{
    /// <summary>Every line within 100 columns, and all as in the file named like the test.</summary>
    public static async Task Async(IEnumerable<string> lines, [CallerMemberName] string name = "")
    {
        var received = string.Join('\n', lines) + "\n";
        Assert.All(received.Split('\n'), line => Assert.InRange(line.Length, 0, 100));

        var verified = Path.Combine(AppContext.BaseDirectory, "Waterfalls", $"{name}.verified.txt");
        if (!File.Exists(verified) || await File.ReadAllTextAsync(verified, TestContext.Current.CancellationToken) != received)
        {
            var path = Path.ChangeExtension(Path.ChangeExtension(verified, null), "received.txt");
            await File.WriteAllTextAsync(path, received, TestContext.Current.CancellationToken);
            Assert.Fail($"{path} differs from the verified file: if it is right, copy it beside the test as {name}.verified.txt.\n{received}");
        }
    }
}
