using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The line of quality is the sum of those that the waterfall has in each of its groups, which is held against the definitions.</summary>
public sealed class QualityTallyTests
{
    [Fact]
    public void It_counts_what_the_groups_of_the_waterfall_count_together() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(RandomCase.Any, drawn =>
        {
            var given = drawn.With(query => query with { CohortBy = null });
            var query = given.Query;
            var tally = new QualityTally(
                new() { AsOf = query.AsOf, KnownAt = query.KnownAt, From = query.From, To = query.To, Filters = query.Filters, Journeys = query.Journeys }, query.GroupBy);
            foreach (var journey in given.Facts())
            {
                tally.Add(journey);
            }

            var groups = given.Answer().Groups.Select(group => group.Quality).ToList();
            Assert.Equal(
                new Quality(
                    groups.Sum(quality => quality.Inferred), groups.Sum(quality => quality.Unknown), groups.Sum(quality => quality.Late),
                    groups.Sum(quality => quality.OutOfOrder), groups.Sum(quality => quality.WithoutAmount), groups.Sum(quality => quality.Mismatched)),
                tally.Sum);
            Assert.Equal(tally.Sum, given.Answer().Quality);
        }));
}
