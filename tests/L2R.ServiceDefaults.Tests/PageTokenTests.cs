namespace L2R.ServiceDefaults.Tests;

public sealed class PageTokenTests
{
    [Fact]
    public void Reads_what_it_wrote()
    {
        List<FieldProblem> problems = [];
        var (time, id) = (new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(10), Guid.NewGuid());

        Assert.Equal((time, id), PageToken.Read(PageToken.Write(time, id), problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("////////////////////////////////")]
    [InlineData("AAAA")]
    [InlineData("_____________________w")]
    public void Refuses_what_is_no_token(string text)
    {
        List<FieldProblem> problems = [];

        Assert.Null(PageToken.Read(text, problems));
        Assert.Equal([new FieldProblem("page_token", "must be the next_page_token of the page before")], problems);
    }
}
