using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>What holds of changes of revenue for every ledger and every question.</summary>
public sealed class RevenuePropertyTests
{
    const int Factors = 8;

    static readonly int[][] All = [.. Orders.Of([.. Enumerable.Range(0, Factors)])];

    [Fact]
    public void Every_change_is_what_the_definitions_say()
    {
        var changes = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2500), Prop.ForAll(RandomCase.Any, given => changes += IsRight(given) ? 1 : 0));
        Assert.True(changes > 60, $"{changes} of the ledgers had wins in either period that any factor tells of.");
    }

    /// <returns>Whether there was a change to be told of.</returns>
    static bool IsRight(RandomCase given)
    {
        var query = Query(given);
        var journeys = new Naive(given.Rows, given.Query, given.Merges).Journeys;
        var (before, after) = (Of(query.Before), Of(query.After));

        var answer = given.Facts().Gather(() => new RevenueWays(query)).ToAnswer();

        AssertPeriod(before, answer.Before);
        AssertPeriod(after, answer.After);
        Assert.Equal(answer.After.Won - answer.Before.Won, Parts(answer.Expected).Sum() + answer.Other);
        if (before.Won == 0 && after.Won == 0)
        {
            Assert.All(Parts(answer.Expected), part => Assert.Equal(0, part));
            return false;
        }
        Assert.Equal(NaiveRevenue.Value(before, after, _ => false), (double)answer.Expected.Before, 1e-6);
        Assert.Equal(NaiveRevenue.Value(before, after, _ => true), (double)answer.Expected.After, 1e-6);
        AssertParts(answer.Expected, set => NaiveRevenue.Value(before, after, index => (set & (1 << index)) != 0));
        return Parts(answer.Expected).Any(part => part != 0);

        NaiveRevenue Of((DateTimeOffset From, DateTimeOffset To) period) => new(journeys, query.Ways, period.From, period.To);
    }

    static void AssertPeriod(NaiveRevenue naive, RevenueOfPeriod period)
    {
        Assert.Equal(
            (naive.Journeys, naive.Immature, naive.StartedWon, naive.WithoutAmount, naive.Won, naive.LeftOut),
            ((int)period.Journeys, (int)period.Immature, (int)period.StartedWon, (int)period.WithoutAmount, period.Won, period.LeftOut.Values.Sum()));
    }

    /// <summary>The mean, over every order in which the factors may change, of what each adds when its turn comes.</summary>
    static void AssertParts(RevenueChange change, Func<int, double> value)
    {
        var values = Enumerable.Range(0, 1 << Factors).Select(value).ToArray();
        var sums = new double[Factors];
        foreach (var order in All)
        {
            var set = 0;
            foreach (var factor in order)
            {
                sums[factor] += values[set | (1 << factor)] - values[set];
                set |= 1 << factor;
            }
        }
        Assert.All(Parts(change).Zip(sums), part => Assert.Equal(part.Second / All.Length, (double)part.First, 1e-6));
    }

    static decimal[] Parts(RevenueChange change) => [change.Volume, change.Mix, .. change.Conversions, change.DealSize];

    static ChangeQuery Query(RandomCase given)
    {
        var middle = RandomCase.End.AddHours(-12 * (25 + (given.Rows.Count * 7 % 50)));
        return new(
            new(
                new()
                {
                    AsOf = given.Query.AsOf,
                    KnownAt = given.Query.KnownAt,
                    Filters = given.Query.Filters,
                    Journeys = given.Query.Journeys,
                },
                given.Rows.Count % 2 == 0 ? ChangeBasis.Cohort : ChangeBasis.Booked,
                TimeSpan.FromDays(given.Rows.Count % 3 == 0 ? 3 : 12),
                given.Query.GroupBy.FirstOrDefault(Dimension.Channel),
                given.Rows.FirstOrDefault(row => row.To == Stage.ClosedWon && row.Amount > 0)?.Currency ?? "EUR",
                MaxValues: 500),
            (middle.AddDays(-20), middle),
            (middle, middle.AddDays(20)));
    }
}
