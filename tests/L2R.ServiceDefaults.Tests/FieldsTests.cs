namespace L2R.ServiceDefaults.Tests;

public sealed class FieldsTests
{
    [Theory]
    [InlineData("", "is required")]
    [InlineData("1", "must be of the form leads/{uuid}")]
    [InlineData("journeys/01a203f4-f6ea-77cb-a058-bf9ca1ffa807", "must be of the form leads/{uuid}")]
    public void A_name_that_is_missing_and_one_that_is_none(string name, string problem)
    {
        List<FieldProblem> problems = [];

        Assert.Null(problems.Name("lead", name, "leads"));
        Assert.Equal([new FieldProblem("lead", problem)], problems);
    }
}
