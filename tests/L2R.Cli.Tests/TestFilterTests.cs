using L2R.Cli.Testing;

namespace L2R.Cli.Tests;

public sealed class TestFilterTests
{
    static readonly TestProject Intake = new("L2R.Intake.Tests", "intake.dll");
    static readonly TestProject EndToEnd = new("L2R.EndToEnd.Tests", "end.dll");

    [Fact]
    public void No_word_chooses_everything() => AssertChosen([], serverless: false, [Intake, EndToEnd], []);

    [Fact]
    public void A_part_of_a_project_s_name_chooses_it() => AssertChosen(["intake"], serverless: false, [Intake], []);

    [Fact]
    public void Another_word_chooses_tests_by_name() =>
        AssertChosen(["Tests", "retry"], serverless: false, [Intake, EndToEnd], ["-method", "*retry*"]);

    [Fact]
    public void Fast_leaves_out_what_needs_a_server() =>
        AssertChosen(["EndTo", "retry"], serverless: true, [EndToEnd], ["-method", "*retry*", "-trait-", "needs=*"]);

    [Fact]
    public void End_to_end_tests_have_the_machine_for_themselves() => Assert.Equal((false, true), (Intake.IsHeavy, EndToEnd.IsHeavy));

    static void AssertChosen(string[] words, bool serverless, TestProject[] projects, string[] arguments)
    {
        var filter = TestFilter.Create([Intake, EndToEnd], words, serverless);

        Assert.Equal(projects, filter.Projects);
        Assert.Equal(arguments, filter.Arguments);
    }
}
