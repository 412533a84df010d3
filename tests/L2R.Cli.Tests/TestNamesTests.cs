using L2R.Cli.Testing;

namespace L2R.Cli.Tests;

public sealed class TestNamesTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("fast intake Storage.SeededLedger")]
    [InlineData("test nosuch")]
    public async Task A_word_that_is_in_no_name_is_refused_before_anything_is_built(string arguments)
    {
        _temp.Write("tests/L2R.Intake.Tests/L2R.Intake.Tests.csproj", "<Project><PropertyGroup><IsTestProject>true</IsTestProject></PropertyGroup></Project>");
        _temp.Write("tests/L2R.Intake.Tests/A.cs", "namespace L2R.Intake.Tests.Storage; public sealed class LeadTests { public async Task Is_kept() { } }");

        Assert.Equal(2, await _temp.RunAsync(arguments.Split(' ')));
        var lines = _temp.Output.ToString().TrimEnd().Split('\n');
        Assert.Equal(
            ("FAILED  l2r: 0 passed, 1 failed", $"No test project, test class or test has '{arguments.Split(' ')[^1]}' in its name.", "0 passed, 1 failed"),
            (lines[0], lines[1], lines[^1]));
    }

    [Theory]
    [InlineData("INTAKE")]
    [InlineData("storage.lead")]
    [InlineData("LeadTests.is_kept")]
    public void Parts_of_names_of_projects_and_tests_are_known_from_the_sources(string word)
    {
        _temp.Write("tests/L2R.Intake.Tests/A.cs", "namespace L2R.Intake.Tests.Storage; public sealed class LeadTests { public async Task Is_kept() { } }");

        TestNames.Require(_temp.Checkout, [new TestProject("L2R.Intake.Tests", "a.dll")], [word]);
    }
}
