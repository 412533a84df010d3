using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The rows that are told one by one, for every ledger.</summary>
public sealed class RowListingPropertyTests
{
    [Fact]
    public void A_row_is_in_force_unless_one_that_is_known_supersedes_it_or_it_withdraws_and_no_row_is_missing_or_told_twice() => Hold(given =>
    {
        foreach (var lead in given.Rows.GroupBy(row => row.LeadId).Select(rows => rows.ToList()))
        {
            var known = lead.Where(row => row.RecordedAt <= given.Query.KnownAt).ToList();
            bool InForce(Transition row) => row.To is not null && !known.Exists(other => other.Supersedes == row.TransitionId);
            bool Dates(Transition row) => row.OccurredAt <= given.Query.AsOf
                && (given.Query.From is null || row.OccurredAt >= given.Query.From) && (given.Query.To is null || row.OccurredAt < given.Query.To);

            Assert.Equal(
                known.Where(Dates).OrderBy(row => row.TransitionId).Select(row => (row.TransitionId, InForce(row))),
                Listing(given, withSuperseded: true).Of(lead).OrderBy(row => row.Row.TransitionId).Select(row => (row.Row.TransitionId, row.InForce)));
            Assert.Equal(
                Listing(given, withSuperseded: true).Of(lead).Where(row => row.InForce), Listing(given, withSuperseded: false).Of(lead));
        }
    });

    [Fact]
    public void Journeys_come_in_the_order_of_their_numbers_and_each_in_the_order_of_the_ledger() => Hold(given =>
    {
        var all = new RowListing(DateTimeOffset.MaxValue, given.Query.KnownAt, null, null, WithSuperseded: false);
        foreach (var lead in given.Rows.GroupBy(row => row.LeadId))
        {
            var listed = all.Of([.. lead]).Select(row => row.Row).ToList();
            var journeys = listed.Select(row => row.JourneyId).Where((id, index) => index == 0 || listed[index - 1].JourneyId != id).ToList();

            Assert.Equal(Fold.Lead(lead, DateTimeOffset.MaxValue, given.Query.KnownAt).Select(journey => journey.JourneyId), journeys);
            foreach (var (earlier, later) in listed.Zip(listed.Skip(1)).Where(two => two.First.JourneyId == two.Second.JourneyId))
            {
                Assert.True(
                    (earlier.OccurredAt, earlier.SourceSeq, earlier.To!.Value.Rank()).CompareTo((later.OccurredAt, later.SourceSeq, later.To!.Value.Rank())) <= 0);
            }
        }
    });

    static RowListing Listing(RandomCase given, bool withSuperseded) =>
        new(given.Query.AsOf, given.Query.KnownAt, given.Query.From, given.Query.To, withSuperseded);

    static void Hold(Action<RandomCase> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(RandomCase.Any, holds));
}
