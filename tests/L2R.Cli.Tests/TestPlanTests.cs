using L2R.Cli.Testing;

namespace L2R.Cli.Tests;

public sealed class TestPlanTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public TestPlanTests()
    {
        Add("Intake", "servers", "Retries_twice");
        Add("Interop", "node python", "Answers");
        Add("EndToEnd", "servers examples", "Retries_once");
        Add("Ledger", "", "Adds_up");
        Add("Gateway", "servers", "Retries_at_once");
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("test", "", "EndToEnd Gateway Intake Interop Ledger", "examples node python servers", "everything")]
    [InlineData("fast", "", "EndToEnd Gateway Intake Interop Ledger", "node python", "everything")]
    [InlineData("test", "ledger", "Ledger", "", "Ledger")]
    [InlineData("test", "ledger interop", "Interop Ledger", "node python", "Interop Ledger")]
    [InlineData("test", "intake retries", "Intake", "servers", "Intake L2R.AppHost")]
    [InlineData("fast", "intake", "Intake", "", "Intake")]
    [InlineData("test", "a.retries_", "EndToEnd Gateway Intake", "examples servers", "EndToEnd Gateway Intake L2R.AppHost")]
    [InlineData("test", "inherited", "EndToEnd Gateway Intake Interop Ledger", "examples node python servers", "everything")]
    [InlineData("test", "L2R", "EndToEnd Gateway Intake Interop Ledger", "examples node python servers", "everything")]
    public void A_run_builds_and_brings_no_more_than_its_words_ask_for(string verb, string words, string projects, string needs, string builds)
    {
        _temp.Write("tests/L2R.TestSupport/Base.cs", "class Base { void Inherited() { } }");

        var plan = TestPlan.Create(_temp.Checkout, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), withServers: verb == "test");

        Assert.Equal(verb == "test" && words == "", plan.Checks);
        Assert.Equal(
            (projects, needs, builds),
            (
                string.Join(' ', plan.Filter.Projects.Select(project => Short(project.Name))),
                string.Join(' ', plan.Needs.Order(StringComparer.Ordinal)),
                plan.Builds.Count == 0 ? "everything" : string.Join(' ', plan.Builds.Select(file => Short(Path.GetFileNameWithoutExtension(file))))));
    }

    static string Short(string project) => project.EndsWith(".Tests", StringComparison.Ordinal) ? project[4..^6] : project;

    void Add(string name, string needs, string test)
    {
        _temp.Write(
            $"tests/L2R.{name}.Tests/L2R.{name}.Tests.csproj",
            $"<Project><PropertyGroup><IsTestProject>true</IsTestProject>{(needs == "" ? "" : $"<TestNeeds>{needs}</TestNeeds>")}</PropertyGroup></Project>");
        _temp.Write($"tests/L2R.{name}.Tests/A.cs", $"class A {{ void {test}() {{ }} }}");
    }
}
