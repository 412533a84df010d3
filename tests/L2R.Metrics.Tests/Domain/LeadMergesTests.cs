using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Merges by hand: each row of a journey is its stage and the day on which it happened.</summary>
public sealed class LeadMergesTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly Guid[] Leads = [.. Enumerable.Range(0, 5).Select(number => new Guid(number, 2, 0, new byte[8]))];

    [Fact]
    public void Journeys_that_overlap_are_one_with_the_id_of_the_earlier_and_others_are_numbered_by_their_first_rows()
    {
        List<Transition> rows =
        [
            .. Journey(lead: 0, "first", (Stage.Lead, 1), (Stage.Mql, 3), (Stage.Recycled, 10)),
            .. Journey(lead: 0, "last", (Stage.Lead, 30), (Stage.Sql, 34)),
            .. Journey(lead: 1, "beside the first", (Stage.Lead, 2), (Stage.Sal, 12)),
            .. Journey(lead: 1, "between", (Stage.Lead, 20), (Stage.Disqualified, 21)),
        ];

        Assert.Equal(["1 first: Lead Mql Recycled -> Recycled", "2 last: Lead Sql -> Sql"], Fold(rows.Where(row => row.LeadId == Leads[0])));
        // What was recycled on day 10 was open beside, until today. Two of one lead stay two.
        Assert.Equal(["1 first: Lead Lead Mql Sal Lead Sql -> Sql", "2 between: Lead Disqualified -> Disqualified"], Fold(rows, survivor: 0));
        rows.AddRange(Journey(lead: 1, "beside the first", (Stage.Rejected, 15)));
        Assert.Equal(
            ["1 first: Lead Lead Mql Sal Rejected -> Rejected", "2 between: Lead Disqualified -> Disqualified", "3 last: Lead Sql -> Sql"],
            Fold(rows, survivor: 0));
    }

    [Fact]
    public void A_journey_that_begins_when_another_ends_overlaps_it_and_one_of_the_same_lead_does_not()
    {
        var ended = Journey(lead: 0, "ended", (Stage.Lead, 1), (Stage.ClosedWon, 5));

        Assert.Equal(["1 ended: Lead Lead ClosedWon -> ClosedWon"], Fold([.. ended, .. Journey(lead: 1, "begun", (Stage.Lead, 5))], survivor: 0));
        Assert.Equal(
            ["1 ended: Lead ClosedWon -> ClosedWon", "2 begun: Lead -> Lead"],
            Fold([.. ended, .. Journey(lead: 1, "begun", (Stage.Lead, 6))], survivor: 0));
        Assert.Equal(
            ["1 ended: Lead ClosedWon -> ClosedWon", "2 begun: Lead -> Lead"],
            Fold([.. ended, .. Journey(lead: 0, "begun", (Stage.Lead, 2))], survivor: 0));
    }

    [Fact]
    public void An_exit_beside_a_journey_that_is_open_ends_nothing()
    {
        var duplicate = Journey(lead: 1, "duplicate", (Stage.Lead, 2), (Stage.Disqualified, 4));

        Assert.Equal(["1 real: Lead Lead Sal -> Sal"], Fold([.. Journey(lead: 0, "real", (Stage.Lead, 1), (Stage.Sal, 3)), .. duplicate], survivor: 0));
        Assert.Equal(
            ["1 real: Lead Lead Rejected -> Rejected"],
            Fold([.. Journey(lead: 0, "real", (Stage.Lead, 1), (Stage.Rejected, 5)), .. duplicate], survivor: 0));
    }

    [Fact]
    public void The_survivor_keeps_what_its_own_rows_say_and_takes_from_the_loser_what_they_do_not()
    {
        List<Transition> rows =
        [
            .. Journey(lead: 0, "real", (Stage.Lead, 1)).Select(row => row with { Dimensions = new() { Segment = "enterprise", Owner = "ann", Custom = Custom(("plan", "pro")) } }),
            .. Journey(lead: 1, "duplicate", (Stage.Lead, 2)).Select(row => row with
            {
                Dimensions = new() { Segment = "smb", Region = "north", Owner = "bob", Custom = Custom(("plan", "free"), ("seats", "5")) },
            }),
        ];

        Assert.Equal(("enterprise", "north", "pro", "5", "bob"), Now(lead: null));
        // What Intake last said of the survivor, an unknown region too, goes before any row.
        Assert.Equal(("mid", null, "trial", "5", "bob"), Now(new LeadVersion(Leads[0], 2, "mid", null) { Custom = Custom(("plan", "trial")) }));

        (string?, string?, string?, string?, string?) Now(LeadVersion? lead)
        {
            var values = L2R.Metrics.Domain.Fold.Lead(rows, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, lead, survivor: Leads[0]).Single().Current;
            return (values.Segment, values.Region, values.Custom["plan"], values.Custom["seats"], values.Owner);
        }
    }

    static Dictionary<string, string> Custom(params (string Name, string Value)[] values) => values.ToDictionary(value => value.Name, value => value.Value);

    [Fact]
    public void A_merge_holds_from_its_row_to_that_of_its_undo_and_so_does_what_was_merged_before()
    {
        List<LeadMerge> merges = [Merge(1, loser: 0, survivor: 1, day: 1), Merge(2, loser: 1, survivor: 2, day: 3), Merge(1, loser: 0, survivor: 1, day: 5, isUndo: true)];

        Assert.Equal([0, 1, 2], Survivors(merges, day: 0));
        Assert.Equal([1, 1, 2], Survivors(merges, day: 2));
        Assert.Equal([2, 2, 2], Survivors(merges, day: 4));
        Assert.Equal([0, 2, 2], Survivors(merges, day: 5));
        Assert.Equal([0], new LeadFamilies(merges, Start.AddDays(9)).All().Single().MergedBetween(Start.AddDays(4), Start.AddDays(5)).Select(Number));
    }

    [Fact]
    public void Of_two_merges_of_one_lead_the_later_counts_and_one_that_would_close_a_circle_does_not()
    {
        List<LeadMerge> merges = [Merge(1, loser: 0, survivor: 1, day: 1), Merge(2, loser: 1, survivor: 0, day: 2)];
        Assert.Equal([1, 1, 2], Survivors(merges, day: 9));

        merges.Add(Merge(3, loser: 0, survivor: 2, day: 3));
        Assert.Equal([2, 1, 2], Survivors(merges, day: 9));

        merges.Add(Merge(3, loser: 0, survivor: 2, day: 3, isUndo: true));
        Assert.Equal([1, 1, 2], Survivors(merges, day: 9));

        // Of one event: the id decides, whichever is read first.
        Assert.Equal([1, 1, 2], Survivors([Merge(5, loser: 0, survivor: 1, day: 1), Merge(4, loser: 0, survivor: 2, day: 1)], day: 9));
    }

    static int[] Survivors(List<LeadMerge> merges, int day) =>
        [.. Leads.Take(3).Select(new LeadFamilies(merges, Start.AddDays(day)).SurvivorOf).Select(Number)];

    static int Number(Guid lead) => Array.IndexOf(Leads, lead);

    static LeadMerge Merge(int id, int loser, int survivor, int day, bool isUndo = false) =>
        new(new Guid(id, 5, 0, new byte[8]), Leads[loser], Leads[survivor], isUndo, Start.AddDays(day));

    static IEnumerable<string> Fold(IEnumerable<Transition> rows, int? survivor = null) =>
        L2R.Metrics.Domain.Fold.Lead(rows, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, survivor: survivor is { } lead ? Leads[lead] : null)
            .Select(journey =>
            {
                Assert.Equal(Leads[0], journey.LeadId);
                return $"{journey.Number} {Names[journey.JourneyId]}: {string.Join(' ', journey.Stays.Select(stay => stay.Stage))} -> {journey.Stands}";
            });

    static readonly Dictionary<Guid, string> Names = new[] { "first", "last", "beside the first", "between", "ended", "begun", "real", "duplicate" }
        .Index().ToDictionary(name => new Guid(name.Index, 3, 0, new byte[8]), name => name.Item);

    static IEnumerable<Transition> Journey(int lead, string name, params (Stage To, int Day)[] moves) => moves.Select((move, index) => new Transition
    {
        TransitionId = Guid.NewGuid(),
        LeadId = Leads[lead],
        JourneyId = Names.Single(known => known.Value == name).Key,
        To = move.To,
        OccurredAt = Start.AddDays(move.Day),
        RecordedAt = Start.AddDays(move.Day),
        SourceSeq = index,
    });
}
