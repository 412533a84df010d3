using L2R.Ledger.Domain;
using L2R.Opportunity.Domain;

namespace L2R.Opportunity.Tests.Domain;

public sealed class DealHistoryTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Stored = Noon.AddYears(1);
    static readonly Guid JourneyId = new("01900000-0000-7000-8000-000000000001");
    static readonly Guid LeadId = new("01900000-0000-7000-8000-000000000002");

    static Guid Id(int n) => new($"00000000-0000-8000-8000-{n:D12}");

    /// <summary>Row <paramref name="n"/> of the journey, n hours after noon.</summary>
    static DealRow Row(int n, Stage to, int? opportunity = null) => new()
    {
        KeyId = Id(n),
        JourneyId = JourneyId,
        LeadId = LeadId,
        OpportunityId = opportunity is { } named ? Id(named) : null,
        To = to,
        OccurTime = Noon.AddHours(n),
        SourceSeq = n,
        Reason = to == Stage.Opportunity ? "" : $"reason {n}",
    };

    static Deal Deal(int id, DealState state, int opened, int? closed = null) => new()
    {
        Id = Id(id),
        JourneyId = JourneyId,
        LeadId = LeadId,
        Details = new DealDetails(),
        State = state,
        OpenTime = Noon.AddHours(opened),
        CloseTime = closed is { } hour ? Noon.AddHours(hour) : null,
        CloseReason = state is DealState.Won or DealState.Lost ? $"reason {closed}" : "",
        Imported = true,
        CreateTime = Stored,
        UpdateTime = Stored,
        Version = 1,
    };

    static void AssertDeals(IEnumerable<Deal> expected, params DealRow[] rows)
    {
        var wanted = expected.OrderBy(deal => deal.Id).ToList();
        foreach (var order in Orders(rows))
        {
            Assert.Equal(wanted, DealHistory.Fold(order, Stored).OrderBy(deal => deal.Id));
        }
    }

    static IEnumerable<IEnumerable<DealRow>> Orders(DealRow[] rows) =>
        rows.Length == 0
            ? [[]]
            : rows.SelectMany(first => Orders([.. rows.Where(row => row != first)]).Select(rest => rest.Prepend(first)));

    [Fact]
    public void No_rows_make_no_deals() => AssertDeals([]);

    [Fact]
    public void Each_entry_without_a_name_is_a_deal_of_its_own() =>
        AssertDeals([Deal(1, DealState.Open, 1), Deal(2, DealState.Open, 2)], Row(1, Stage.Opportunity), Row(2, Stage.Opportunity));

    [Theory]
    [InlineData(Stage.ClosedWon, DealState.Won)]
    [InlineData(Stage.ClosedLost, DealState.Lost)]
    public void A_close_without_a_name_closes_the_newest_and_supersedes_the_others(Stage to, DealState state) =>
        AssertDeals(
            [Deal(1, DealState.Superseded, 1, 4), Deal(2, DealState.Superseded, 2, 4), Deal(3, state, 3, 4)],
            Row(1, Stage.Opportunity), Row(2, Stage.Opportunity), Row(3, Stage.Opportunity), Row(4, to));

    [Fact]
    public void At_one_instant_the_number_decides_which_is_the_newest() =>
        AssertDeals(
            [Deal(7, DealState.Superseded, 1, 4), Deal(3, DealState.Lost, 1, 4)],
            Row(7, Stage.Opportunity) with { OccurTime = Noon.AddHours(1), SourceSeq = 1 },
            Row(3, Stage.Opportunity) with { OccurTime = Noon.AddHours(1), SourceSeq = 2 },
            Row(4, Stage.ClosedLost));

    [Fact]
    public void A_close_with_a_name_closes_that_deal_alone() =>
        AssertDeals(
            [Deal(11, DealState.Lost, 1, 3), Deal(12, DealState.Won, 2, 4)],
            Row(1, Stage.Opportunity, 11), Row(2, Stage.Opportunity, 12), Row(3, Stage.ClosedLost, 11), Row(4, Stage.ClosedWon, 12));

    [Theory]
    [InlineData(null, 1)]
    [InlineData(11, 11)]
    public void A_close_without_an_entry_is_a_deal_that_was_closed_at_once(int? named, int id) =>
        AssertDeals([Deal(id, DealState.Won, 1, 1)], Row(1, Stage.ClosedWon, named));

    [Fact]
    public void A_second_close_without_an_open_deal_is_another_deal() =>
        AssertDeals(
            [Deal(1, DealState.Won, 1, 2), Deal(3, DealState.Won, 3, 3)],
            Row(1, Stage.Opportunity), Row(2, Stage.ClosedWon), Row(3, Stage.ClosedWon));

    [Fact]
    public void A_named_deal_is_opened_again_and_is_then_the_newest() =>
        AssertDeals(
            [Deal(11, DealState.Won, 4, 5), Deal(12, DealState.Superseded, 2, 5)],
            Row(1, Stage.Opportunity, 11), Row(2, Stage.Opportunity, 12), Row(3, Stage.ClosedLost, 11), Row(4, Stage.Opportunity, 11), Row(5, Stage.ClosedWon));

    [Fact]
    public void Entering_an_open_deal_again_leaves_it_as_old_as_it_is() =>
        AssertDeals(
            [Deal(11, DealState.Superseded, 1, 4), Deal(12, DealState.Lost, 2, 4)],
            Row(1, Stage.Opportunity, 11), Row(2, Stage.Opportunity, 12), Row(3, Stage.Opportunity, 11), Row(4, Stage.ClosedLost));

    [Fact]
    public void Later_rows_say_more_and_what_they_leave_out_stays()
    {
        var entry = Row(1, Stage.Opportunity) with { Amount = 100.25m, Currency = "EUR", Owner = "rep-1", Product = "loan" };
        var close = Row(2, Stage.ClosedWon) with { Amount = 90m, Currency = "USD", Owner = "rep-2" };

        var won = Deal(1, DealState.Won, 1, 2);
        AssertDeals([won with { Details = new DealDetails { Amount = 90m, Currency = "USD", Owner = "rep-2", Product = "loan" } }], entry, close);
        AssertDeals(
            [won with { Details = new DealDetails { Amount = 100.25m, Currency = "EUR", Owner = "rep-1", Product = "loan" } }],
            entry, Row(2, Stage.ClosedWon));
    }

    [Fact]
    public void An_entry_names_its_deal_to_the_ledger_and_a_close_without_a_name_does_not()
    {
        Assert.Equal(Id(1), DealHistory.OpportunityOf(Stage.Opportunity, null, Id(1)));
        Assert.Equal(Id(2), DealHistory.OpportunityOf(Stage.Opportunity, Id(2), Id(1)));
        Assert.Equal(Id(2), DealHistory.OpportunityOf(Stage.ClosedWon, Id(2), Id(1)));
        Assert.Null(DealHistory.OpportunityOf(Stage.ClosedWon, null, Id(1)));
        Assert.Null(DealHistory.OpportunityOf(null, null, Id(1)));
    }
}
