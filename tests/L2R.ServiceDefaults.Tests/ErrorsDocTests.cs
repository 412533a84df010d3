using System.Text.RegularExpressions;
using L2R.TestSupport;

namespace L2R.ServiceDefaults.Tests;

/// <summary>docs/errors.md lists the reasons that the code gives, all of them and no others.</summary>
public sealed partial class ErrorsDocTests
{
    // Written by the CLI, not by a service.
    static readonly string[] Others = ["LINE_INVALID"];

    [Fact]
    public void Every_reason_is_in_the_document_and_every_one_there_is_in_the_code()
    {
        var code = new[] { "L2R.ServiceDefaults", "src" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split('/').Any(part => part is "obj" or "bin" or "ClosedRegistry" or "L2R.Cli" or "L2R.Contracts"))
            .SelectMany(file => Quoted().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["reason"].Value)
            .Where(text => !text.StartsWith("OTEL_", StringComparison.Ordinal) && !text.StartsWith("CLOSED_", StringComparison.Ordinal)); // settings, stages
        var document = File.ReadLines(Path.Combine(Repository.Root, "docs", "errors.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Coded().Matches(line.Split('|')[1]))
            .Select(match => match.Groups["reason"].Value)
            .Except(["INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAUTHENTICATED", "UNIMPLEMENTED", "ABORTED", "UNAVAILABLE", "INTERNAL"]);

        Assert.Equal(code.Concat(Others).Distinct().Order(StringComparer.Ordinal), document.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Who_has_the_messages_of_google_rpc_already_can_leave_ours_out() => Assert.DoesNotContain(
        Directory.GetFiles(Path.Combine(Repository.Root, "protos", "l2r"), "*.proto", SearchOption.AllDirectories),
        file => File.ReadAllText(file).Contains("import \"google/rpc/", StringComparison.Ordinal));

    [GeneratedRegex("\"(?<reason>[A-Z]+(?:_[A-Z]+)+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("`(?<reason>[A-Z_]+)`")]
    private static partial Regex Coded();
}
