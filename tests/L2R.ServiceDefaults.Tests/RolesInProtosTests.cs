using System.Text.RegularExpressions;
using L2R.TestSupport;

namespace L2R.ServiceDefaults.Tests;

/// <summary>Callers read in the contract who may call what: it says what the code asks for.</summary>
public sealed partial class RolesInProtosTests
{
    static readonly Dictionary<string, string> Words = new()
    {
        [""] = Listed(Roles.Readers), // what every service asks for
        [nameof(Roles.Marketers)] = Listed(Roles.Marketers),
        [nameof(Roles.Sellers)] = Listed(Roles.Sellers),
        [nameof(Roles.Operators)] = Listed(Roles.Operators),
    };

    [Theory]
    [InlineData("Intake")]
    [InlineData("Scoring")]
    [InlineData("Handoff")]
    [InlineData("Opportunity")]
    [InlineData("Metrics")]
    public void Each_rpc_names_the_roles_that_may_call_it(string service)
    {
        var code = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src", $"L2R.{service}", "Api"), "*.cs").Select(File.ReadAllText));
        var proto = File.ReadAllText(Directory.GetFiles(Path.Combine(Repository.Root, "protos/l2r", service.ToLowerInvariant(), "v1"), "*_service.proto").Single());

        var asked = Override().Matches(code).ToDictionary(rpc => rpc.Groups["rpc"].Value, rpc => Words[rpc.Groups["roles"].Value]);
        var said = Rpc().Matches(proto).ToDictionary(rpc => rpc.Groups["rpc"].Value, rpc => rpc.Groups["roles"].Value);

        Assert.NotEmpty(asked);
        Assert.Equal(["Readers"], Service().Matches(code).Select(match => match.Groups["roles"].Value));
        Assert.Equal(asked.OrderBy(rpc => rpc.Key), said.OrderBy(rpc => rpc.Key));
    }

    /// <summary>As a sentence has it: <c>revops, admin or service</c>.</summary>
    static string Listed(string roles) => Regex.Replace(roles.Replace(",", ", ", StringComparison.Ordinal), ", (?=[a-z]+$)", " or ");

    [GeneratedRegex(@"^\[Authorize(\(Roles = Roles\.(?<roles>\w+)\))?\]", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex(@"(\[Authorize\(Roles = Roles\.(?<roles>\w+)\)\]\s+)?public override (async )?Task\S* (?<rpc>\w+)\(")]
    private static partial Regex Override();

    [GeneratedRegex(@"(// Role: (?<roles>[^\n]+)\.\n)?  rpc (?<rpc>\w+)\(")]
    private static partial Regex Rpc();
}
