using L2R.Handoff.Domain;
using L2R.Ledger.Domain;
using static L2R.Handoff.Tests.Domain.Examples;

namespace L2R.Handoff.Tests.Domain;

public sealed class HearTests
{
    static SalesJourney Row(Stage stage, long sourceSeq, Traits? traits = null) => new()
    {
        JourneyId = new Guid("01900000-0000-7000-8000-000000000001"),
        LeadId = new Guid("01900000-0000-7000-8000-000000000002"),
        Position = new JourneyPosition(stage, Noon.AddMinutes(sourceSeq), sourceSeq),
        Traits = traits ?? new Traits { Channel = "web-form" },
        Version = 1,
    };

    [Fact]
    public void A_lead_is_known_but_has_not_come_to_sales() => Assert.Equal(Row(Stage.Lead, 1), Handoffs.Hear(null, Row(Stage.Lead, 1)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_mql_is_queued_since_it_became_one_whether_its_lead_was_heard_of_or_not(bool leadHeard)
    {
        var known = leadHeard ? Row(Stage.Lead, 1) : null;

        var news = Handoffs.Hear(known, Row(Stage.Mql, 2));

        Assert.Equal(Row(Stage.Mql, 2) with { QueueTime = Noon.AddMinutes(2), Version = leadHeard ? 2 : 1 }, news);
    }

    [Fact]
    public void The_same_row_again_is_no_news() =>
        Assert.Null(Handoffs.Hear(At(Stage.Mql), Row(Stage.Mql, 5)));

    [Fact]
    public void A_late_mql_does_not_call_back_what_sales_already_has() =>
        Assert.Null(Handoffs.Hear(At(Stage.Sal), Row(Stage.Mql, 5)));

    [Fact]
    public void Later_rows_bring_traits_and_late_ones_fill_in_what_is_unknown()
    {
        var known = Row(Stage.Mql, 2, new Traits { Channel = "event", Segment = "smb" });

        var later = Handoffs.Hear(known, Row(Stage.Opportunity, 5, new Traits { Segment = "enterprise" }));
        var late = Handoffs.Hear(known, Row(Stage.Lead, 1, new Traits { Channel = "web-form", Campaign = "spring" }));

        Assert.Equal(new Traits { Channel = "event", Segment = "enterprise" }, later!.Traits);
        Assert.Equal(known with { Traits = new Traits { Channel = "event", Segment = "smb", Campaign = "spring" }, Version = 2 }, late);
    }

    [Fact]
    public void What_sales_did_stays_when_others_move_on()
    {
        var known = At(Stage.Sql) with { Owner = Ann, AssignTime = Noon, AcceptTime = Noon, QualifyTime = Noon, Qualification = AllMet };

        Assert.Equal(
            known with { Position = new(Stage.Opportunity, Noon.AddMinutes(6), 6), Version = 4 },
            Handoffs.Hear(known, Row(Stage.Opportunity, 6)));
    }

    [Fact]
    public void What_another_service_moved_on_is_no_exit_of_sales_any_more() =>
        Assert.Null(Handoffs.Hear(At(Stage.Recycled), Row(Stage.Disqualified, 6))!.ExitFrom);

    [Fact]
    public void History_does_not_listen() => Assert.Null(Handoffs.Hear(At(Stage.Sal) with { Imported = true }, Row(Stage.Opportunity, 9)));

    [Fact]
    public void Any_order_of_the_same_rows_leaves_it_in_the_same_place()
    {
        // Scoring and Intake moved it at once: two rows with one number.
        SalesJourney[] rows = [Row(Stage.Lead, 1), Row(Stage.Mql, 2), Row(Stage.Disqualified, 2), Row(Stage.Lead, 3), Row(Stage.Disqualified, 4)];
        for (var count = 2; count <= rows.Length; count++)
        {
            var ends = Permutations(rows[..count])
                .Select(order => order.Aggregate((SalesJourney?)null, (known, row) => Handoffs.Hear(known, row) ?? known)!)
                .Select(end => (end.Position, end.QueueTime));

            Assert.Equal((rows[count - 1].Position, rows[1].Position.OccurTime), Assert.Single(ends.Distinct()));
        }
    }

    static IEnumerable<IReadOnlyList<SalesJourney>> Permutations(SalesJourney[] rows) =>
        rows.Length == 0
            ? [[]]
            : rows.SelectMany(row => Permutations([.. rows.Where(other => other != row)]).Select(rest => (IReadOnlyList<SalesJourney>)[row, .. rest]));
}
