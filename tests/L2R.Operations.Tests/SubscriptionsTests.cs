using System.Text.RegularExpressions;
using L2R.TestSupport;

namespace L2R.Operations.Tests;

public sealed partial class SubscriptionsTests
{
    [Fact]
    public void Each_is_what_its_service_hears_and_a_service_hears_nothing_else()
    {
        var heard =
            from program in Directory.GetFiles(Path.Combine(Repository.Root, "src"), "Program.cs", SearchOption.AllDirectories)
            let service = Path.GetFileName(Path.GetDirectoryName(program))!.Replace("L2R.", "", StringComparison.Ordinal).ToLowerInvariant()
            from Match hear in Hear().Matches(File.ReadAllText(program))
            select $"{service} hears {hear.Groups["event"].Value}";

        Assert.Equal(heard.Order(), Subscriptions.All.Select(subscription => $"{subscription.Service} hears {subscription.Event.Name}").Order());
    }

    [GeneratedRegex(@"\.Hear<\w+, (?<event>\w+)>\(\)")]
    private static partial Regex Hear();
}
