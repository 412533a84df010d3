using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Practice;

/// <summary>The commands <c>targets</c> and <c>reviews</c> against a service that answers.</summary>
public sealed class PracticeCommandsTests : IDisposable
{
    static readonly Timestamp January = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    static Duration Days(int days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));

    static Target[] Targets() =>
    [
        new()
        {
            Name = "targets/1",
            From = Stage.Lead,
            To = Stage.Mql,
            Conversion = new() { Ratio = 0.35, Horizon = Days(30) },
            EffectiveStartTime = January,
        },
        new()
        {
            Name = "targets/2",
            From = Stage.Opportunity,
            To = Stage.ClosedWon,
            Segment = new() { Dimension = "segment", Value = "enterprise-of-northern-europe" },
            Volume = new() { ReachCount = 1_200, Period = Cadence.FiscalYear },
            EffectiveStartTime = new DateTimeOffset(2026, 3, 31, 22, 0, 0, TimeSpan.Zero).ToTimestamp(),
            EffectiveEndTime = new DateTimeOffset(2027, 3, 31, 22, 0, 0, TimeSpan.Zero).ToTimestamp(),
        },
        new()
        {
            Name = "targets/3",
            From = Stage.Sal,
            To = Stage.Sql,
            Velocity = new() { Median = Days(2), Horizon = Days(14) },
            EffectiveStartTime = January,
        },
    ];

    static Review[] Reviews() =>
    [
        new()
        {
            Name = "reviews/0190a000-0000-7000-8000-000000000001",
            DisplayName = "Lead quality",
            Owner = "marketing",
            State = ReviewState.Overdue,
            DueDate = new Date { Year = 2026, Month = 1, Day = 31 },
            Agenda = { new AgendaItem { Sentence = "LEAD to MQL fell." }, new AgendaItem { Sentence = "Again." } },
        },
        new()
        {
            Name = "reviews/0190a000-0000-7000-8000-000000000002",
            DisplayName = "A budget that is looked at every quarter",
            Owner = "revenue operations",
            State = ReviewState.Closed,
            DueDate = new Date { Year = 2026, Month = 2, Day = 28 },
            Decision = "Two more reps.",
            TradeOff = "Cost before speed.",
            NextReviewDate = new Date { Year = 2026, Month = 6, Day = 1 },
            CloseTime = January,
            Closer = "user:ann",
        },
    ];

    async Task<string> RunAsync(FakeMetrics metrics, params string[] arguments)
    {
        _temp.Output.GetStringBuilder().Clear();
        Assert.Equal(0, await _temp.RunAsync([.. arguments, "--gateway", metrics.Address, "--token", "secret"]));
        return _temp.Output.ToString();
    }

    [Fact]
    public async Task Targets_are_a_table_of_every_page_within_100_columns()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        Assert.Equal("No targets of the token's tenant: ./l2r targets create makes one.\n", await RunAsync(metrics, "targets"));
        metrics.Targets.AddRange(Targets());

        var table = await RunAsync(metrics, "targets", "--at", "2026-02-01");

        Assert.Equal(
            """
            pair                                    of                 goal        from (UTC)             until
            LEAD → MQL                             all         35.0% in 30d        2026-01-01
            OPPORTUNITY → CLOSED_WON  segment=enterpr…  1,200 a fiscal year  2026-03-31 22:00  2027-03-31 22:00
            SAL → SQL                              all  median 2.0 d in 14d        2026-01-01

            """,
            table);
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(), metrics.Asked.Last().InForceAt);
        Assert.Equal(Targets(), (await RunAsync(metrics, "targets", "--json")).TrimEnd().Split('\n').Select(Target.Parser.ParseJson));
    }

    [Fact]
    public async Task Reviews_are_those_that_wait_unless_all_are_asked_for()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        Assert.Equal(
            "No reviews of the token's tenant wait for a decision; --all shows those that are closed too.\n", await RunAsync(metrics, "reviews"));
        Assert.Equal("No reviews of the token's tenant: triggers open them.\n", await RunAsync(metrics, "reviews", "--all"));
        metrics.Reviews.AddRange(Reviews());

        Assert.Equal(
            """
            review                                  state         due      owner          what
            0190a000-0000-7000-8000-000000000001  overdue  2026-01-31  marketing  Lead quality

            """,
            await RunAsync(metrics, "reviews"));
        Assert.Equal(
            """
            review                                  state         due           owner                    what
            0190a000-0000-7000-8000-000000000001  overdue  2026-01-31       marketing            Lead quality
            0190a000-0000-7000-8000-000000000002   closed  2026-02-28  revenue opera…  A budget that is look…

            """,
            await RunAsync(metrics, "reviews", "--all"));
        Assert.Equal(Reviews(), (await RunAsync(metrics, "reviews", "--all", "--json")).TrimEnd().Split('\n').Select(Review.Parser.ParseJson));
    }

    [Fact]
    public async Task A_review_shows_its_agenda_and_closes_with_its_decision()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Reviews.AddRange(Reviews());

        Assert.Equal(
            "Lead quality: overdue, due 2026-01-31, marketing answers for it\n- LEAD to MQL fell.\n- Again.\n",
            await RunAsync(metrics, "reviews", "show", "0190a000-0000-7000-8000-000000000001"));
        Assert.Equal(
            """
            A budget that is looked at every quarter: closed, due 2026-02-28, revenue operations answers for it
            Decision of 2026-01-01 (user:ann): Two more reps.
            Trade-off: Cost before speed.
            Next review: 2026-06-01

            """,
            await RunAsync(metrics, "reviews", "close", "reviews/2", "--decision", "Two more reps.", "--trade-off", "Cost before speed.", "--next", "2026-06-01"));
        Assert.True(Guid.TryParse(metrics.Closed!.RequestId, out _));
        metrics.Closed.RequestId = "";
        Assert.Equal(
            new CloseReviewRequest
            {
                Name = "reviews/2",
                Decision = "Two more reps.",
                TradeOff = "Cost before speed.",
                NextReviewDate = new Date { Year = 2026, Month = 6, Day = 1 },
            },
            metrics.Closed);
    }

    [Fact]
    public async Task A_review_that_does_not_exist_is_a_sentence()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(1, await _temp.RunAsync("reviews", "show", "none", "--gateway", metrics.Address, "--token", "secret"));
        Assert.Equal($"l2r: {metrics.Address}/ answers NotFound: 'reviews/none' does not exist.\n", _temp.Errors.ToString());
    }
}
