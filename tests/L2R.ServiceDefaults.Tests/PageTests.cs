using Google.Protobuf;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Ledger.V1;

namespace L2R.ServiceDefaults.Tests;

public sealed class PageTests
{
    static readonly (DateTimeOffset Time, Guid Id) End = (new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(10), Guid.NewGuid());

    static string TokenOf(IMessage request) => Page.Read(request, []).NextToken(new int[1001], _ => End);

    [Fact]
    public void The_next_page_starts_where_the_one_before_ended_whatever_its_size()
    {
        List<FieldProblem> problems = [];
        var token = TokenOf(new ListLeadsRequest { PageSize = 2, ExternalId = "a" });

        var page = Page.Read(new ListLeadsRequest { PageSize = 3, ExternalId = "a", PageToken = token }, problems);

        Assert.Equal((3, 4, End), (page.Size, page.Limit, page.Start));
        Assert.Equal(TokenOf(new ListLeadsRequest { PageSize = 2, ExternalId = "a" }), page.NextToken(new int[4], _ => End));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 1)]
    [InlineData(1000, 1000)]
    [InlineData(1001, 1000)]
    public void A_page_has_as_many_rows_as_asked_for_within_limits(int asked, int size)
    {
        List<FieldProblem> problems = [];

        var page = Page.Read(new ListLeadsRequest { PageSize = asked }, problems);

        Assert.Equal((size, null), (page.Size, page.Start));
        Assert.Empty(problems);
    }

    [Fact]
    public void The_last_page_has_no_next() =>
        Assert.Equal("", Page.Read(new ListLeadsRequest { PageSize = 2 }, []).NextToken(new int[2], _ => End));

    [Fact]
    public void A_page_of_a_list_read_whole_begins_after_the_one_before()
    {
        var rows = Enumerable.Range(1, 6).Select(n => (Time: End.Time.AddTicks(10 * (n / 2)), Id: new Guid(n, 0, 0, new byte[8]))).ToList(); // two of a time
        var first = Page.Read(new ListLeadsRequest { PageSize = 3 }, []);
        var token = first.NextToken(first.Of(rows, row => row), row => row);

        var second = Page.Read(new ListLeadsRequest { PageSize = 2, PageToken = token }, []);

        Assert.Equal(rows[..4], first.Of(rows, row => row));
        Assert.Equal(rows[3..], second.Of(rows, row => row));
    }

    [Fact]
    public void A_token_of_another_filter_or_rpc_is_refused()
    {
        var token = TokenOf(new ListHandoffsRequest { Stage = Stage.Mql });

        AssertRefused(new ListHandoffsRequest { PageToken = token });
        AssertRefused(new ListHandoffsRequest { Stage = Stage.Sal, PageToken = token });
        AssertRefused(new ListLeadsRequest { PageToken = TokenOf(new ListRepsRequest()) });
    }

    [Theory]
    [InlineData("x")]
    [InlineData("///////////////////////////////////////////")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_token_is_refused(string text) => AssertRefused(new ListLeadsRequest { PageToken = text });

    [Fact]
    public void A_negative_size_is_refused()
    {
        List<FieldProblem> problems = [];

        Page.Read(new ListLeadsRequest { PageSize = -1 }, problems);

        Assert.Equal([new FieldProblem("page_size", "must not be negative")], problems);
    }

    static void AssertRefused(IMessage request)
    {
        List<FieldProblem> problems = [];

        Assert.Null(Page.Read(request, problems).Start);
        Assert.Equal([new FieldProblem("page_token", "must be the next_page_token of the page before, with the same filter")], problems);
    }
}
