using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The line of quality is the sum of those that the waterfall has in each of its groups, which is held against the definitions.</summary>
public sealed class QualityTests
{
    [Fact]
    public void It_counts_what_the_groups_of_the_waterfall_count_together() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(RandomCase.Any, drawn =>
        {
            var given = drawn.With(query => query with { CohortBy = null });
            var query = given.Query;
            var scope = new JourneyScope
            {
                AsOf = query.AsOf,
                KnownAt = query.KnownAt,
                From = query.From,
                To = query.To,
                Filters = query.Filters,
                Journeys = query.Journeys,
            };
            var columns = given.Columns();

            var groups = given.Answer().Groups.Select(group => group.Quality).ToList();
            var sum = new Quality(
                groups.Sum(quality => quality.Inferred), groups.Sum(quality => quality.Unknown), groups.Sum(quality => quality.Late),
                groups.Sum(quality => quality.OutOfOrder), groups.Sum(quality => quality.WithoutAmount), groups.Sum(quality => quality.Mismatched));
            Assert.Equal(sum, Waterfall.Quality(columns, scope, query.GroupBy, Workers.One, CancellationToken.None));

            var cohorts = new CohortQuery { Scope = scope, Pair = Pair.All[given.Rows.Count % 6], Periods = query.Periods, GroupBy = query.GroupBy };
            Assert.Equal(sum, Cohorts.Answer(columns, cohorts, Workers.One, CancellationToken.None).Quality);
        }));
}
