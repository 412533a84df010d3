using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Domain.Costs;
using L2R.Metrics.Domain.Pipelines;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Pipelines;

/// <summary>Random ledgers against the definitions, each figure asked of the rows anew.</summary>
public sealed class PipelinePropertyTests
{
    [Fact]
    public void Handoff_and_opportunities_are_those_of_the_definitions() => ForAny((given, query) =>
    {
        var answer = given.Facts().Gather(() => new Pipeline(query)).ToAnswer();

        var naive = new NaivePipeline(given, query);
        Assert.Equal(naive.Rows().Order(StringComparer.Ordinal), answer.Rows.Select(row => Text(row, query)).Order(StringComparer.Ordinal));
        Assert.Equal(naive.Open().Order(StringComparer.Ordinal), answer.Open.Select(open => Text(open, query)).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Columns_say_the_same_as_the_rows() => ForAny((given, query) => Assert.Equal(
        Lines(given.Facts().Gather(() => new Pipeline(query)).ToAnswer(), query),
        Lines(given.Columns().Gather(query.Scope.AsOf, () => new Pipeline(query), Workers.One, CancellationToken.None).ToAnswer(), query)));

    [Fact]
    public void Counts_add_up_and_wins_are_those_that_money_counts() => ForAny((given, query) =>
    {
        query = query with { GroupBy = [], Scope = query.Scope with { Filters = [], Journeys = JourneySelection.Any } };
        var answer = given.Facts().Gather(() => new Pipeline(query)).ToAnswer();
        var economics = given.Facts().Gather(() => new Economics(new(query.Scope, EconomicsKey.All, query.Periods, "EUR", TimeZoneInfo.Utc, int.MaxValue))).ToAnswer();

        Assert.Equal(
            economics.Where(row => row.Won.Count > 0).Select(row => (row.Period, row.Won.Count, row.Won.Amount)),
            answer.Rows.Where(row => row.Closed.ByCount.Converted > 0).Select(row => (row.Key.Period, row.Closed.ByCount.Converted, row.Closed.ByAmount.Won)));
        Assert.All(answer.Rows, row =>
        {
            var (handoff, sla) = (row.Handoff, row.Handoff.Sla!);
            Assert.Equal(handoff.Cohort, sla.Attained.N + sla.NotYetDue + sla.Ended + sla.Inferred);
            Assert.InRange(handoff.Response.N + handoff.Inferred, handoff.Accepted.Converted, handoff.Accepted.N);
        });
        Assert.Equal(answer.Rows.Sum(row => row.Closed.ByCount.N), Assert.Single(answer.Open).Weighted.Closed);
    });

    static void ForAny(Action<RandomCase, PipelineQuery> holds) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(RandomCase.Any, given =>
    {
        var asked = given.Query;
        holds(given, new(
            new JourneyScope { AsOf = asked.AsOf, KnownAt = asked.KnownAt, From = asked.From, To = asked.To, Filters = asked.Filters, Journeys = asked.Journeys },
            asked.Periods, [.. asked.GroupBy.Distinct()], TimeSpan.FromHours(12 * (1 + (given.Rows.Count % 9))), WinProbability: null, "EUR", int.MaxValue));
    }));

    static IEnumerable<string> Lines(PipelineAnswer answer, PipelineQuery query) =>
        [.. answer.Rows.Select(row => Text(row, query)), .. answer.Open.Select(open => Text(open, query))];

    static string Text(PipelineRow row, PipelineQuery query)
    {
        var (handoff, sla, opened, closed) = (row.Handoff, row.Handoff.Sla!, row.Opened, row.Closed);
        return FormattableString.Invariant($"{row.Key.Period?.Name}{Values(row.Key, query)}: ")
            + $"{handoff.Cohort} above {handoff.StartedAbove} accepted {handoff.Accepted.Converted}/{handoff.Accepted.N} "
            + FormattableString.Invariant($"acted {handoff.Response.N} inferred {handoff.Inferred} median {handoff.Response.Median?.TotalDays:0.###} p90 {handoff.Response.P90?.TotalDays:0.###} ")
            + $"met {sla.Attained.Converted} breached {sla.Attained.N - sla.Attained.Converted} not yet due {sla.NotYetDue} ended {sla.Ended} inferred {sla.Inferred}; "
            + $"opened won {opened.ByCount.Converted} lost {opened.Lost} open {opened.Open} ended {opened.Ended} replaced {opened.Replaced} {Text(opened.ByAmount)}; "
            + $"closed {closed.ByCount.Converted}/{closed.ByCount.N} unopened {closed.WithoutOpening} {Text(closed.ByAmount)}";
    }

    static string Text(OpenPipeline open, PipelineQuery query)
    {
        var velocity = open.Velocity;
        return NaivePipeline.Line(
            Values(open.Key, query), open.Count, NaivePipeline.Text(0, open.Amount, open.WithoutAmount, Dollars(open.LeftOut)), open.Weighted.Closed,
            velocity.WinRate.Converted, velocity.Priced, velocity.Timed, (double?)velocity.PerDay);
    }

    static string Text(AmountRate rate) => NaivePipeline.Text(rate.Won, rate.Total, rate.WithoutAmount, Dollars(rate.LeftOut));

    static decimal? Dollars(IReadOnlyDictionary<string, decimal> leftOut) => leftOut.TryGetValue("USD", out var sum) ? sum : null;

    static string Values(GroupKey key, PipelineQuery query) => string.Concat(query.GroupBy.Zip([key.First, key.Second], (_, value) => $"|{value}"));
}
