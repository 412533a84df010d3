using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Tests.Domain.Planning;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>Gaps to targets and levers, for every history.</summary>
public sealed class DiagnosisPropertyTests
{
    static readonly CustomDimensions Desks = new(new Dictionary<string, DimensionKind> { ["desk"] = DimensionKind.AtEntry }, ["tier"]);

    [Fact]
    public void Every_gap_and_every_lever_is_what_the_definitions_say()
    {
        var (below, levers) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(800), Prop.ForAll(RandomCase.Any, given =>
        {
            var history = new RandomHistory(given, days: 12, timesADay: 6);
            var query = Query(given, history);
            var answer = history.Facts().Gather(() => new RevenueDiagnosis(query)).ToAnswer();
            var naive = new NaiveLevers(history.Journeys(), query);

            foreach (var (index, pair) in answer.Pairs.Index())
            {
                var (converted, n) = naive.Actual[index];
                Assert.Equal((converted, n), ((int)pair.Gap.Actual.Converted, (int)pair.Gap.Actual.N));
                Assert.Equal(naive.PValues[index] is null, pair.Gap.PValue is null);
                Assert.Equal(naive.PValues[index] ?? 0, pair.Gap.PValue ?? 0, 1e-6);
                Assert.Equal(naive.IsBelow(index), pair.Gap.IsBelow);
                below += pair.Gap.IsBelow ? 1 : 0;
            }
            Assert.Equal(naive.Levers.Select(lever => lever.Pair), answer.Levers.Select(lever => lever.Pair).OrderBy(pair => pair.From));
            Assert.Equal(answer.Levers.OrderByDescending(lever => lever.AtLeast ?? decimal.MinValue).ThenByDescending(lever => lever.Alone), answer.Levers);
            foreach (var (lever, expected) in answer.Levers.OrderBy(lever => lever.Pair.From).Zip(naive.Levers))
            {
                Assert.Equal(expected.Alone, (double)lever.Alone, 1e-6);
                Assert.Equal(expected.Together, (double)lever.Together, 1e-6);
                Assert.Equal(expected.StandardError is null, lever.StandardError is null);
                Assert.Equal(1, (1 + (lever.StandardError ?? 0)) / (1 + (expected.StandardError ?? 0)), 1e-9);
                levers++;
            }
        }));
        Assert.True(below > 200 && levers > 15, $"{below} gaps lay below, {levers} levers were told.");
    }

    [Fact]
    public void Every_segment_is_measured_by_its_own_yardstick_and_found_real_among_all_of_them()
    {
        var (real, chance, impacts) = (0, 0, 0);
        var yardsticks = new HashSet<Yardstick>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(RandomCase.Any, given =>
        {
            var history = new RandomHistory(given, days: 12, timesADay: 10);
            var query = Query(given, history);
            // Some pairs with a target, some without; and targets of segments beside both.
            var kept = query.Targets.Where((_, pair) => ((given.Rows.Count / 2) + pair) % 3 != 0).ToList();
            var values = history.Facts().Select(journey => query.Ways.Dimension.ValueOf(journey, journey.Reach(Stage.Lead)?.Values ?? Dimensions.None)).OfType<string>().Distinct().Order(StringComparer.Ordinal);
            var own = values.Take(2).SelectMany(value => query.Targets.Take(2).Select((target, pair) => target with
            {
                Id = Guid.NewGuid(),
                Details = target.Details with { Segment = new(query.Ways.Dimension.Name, value), Goal = new Goal.Conversion(0.35 + (0.2 * pair), TimeSpan.FromDays(9)) },
            }));
            query = query with { Targets = [.. kept, .. own], MaxSegments = 1_000, Custom = Desks };

            var answer = history.Facts().Gather(() => new RevenueDiagnosis(query)).ToAnswer();
            var naive = new NaiveSegments(history.Journeys(), query);

            Assert.Equal(naive.All.Count(segment => segment.PValue is not null), answer.Tested);
            Assert.Equal(naive.All.Count(segment => segment is { PValue: null, Aim: not null, Actual.N: > 0 }), answer.Untested);
            var below = naive.All.Where(segment => segment.IsBelow).ToDictionary(segment => (segment.Pair, segment.Value ?? "", segment.Value is null));
            Assert.Equal(below.Keys.ToHashSet(), [.. answer.Segments.Select(segment => (segment.Pair, segment.Value ?? "", segment.Value is null))]);
            foreach (var segment in answer.Segments)
            {
                var expected = below[(segment.Pair, segment.Value ?? "", segment.Value is null)];
                Assert.Equal((expected.Yardstick, expected.Actual), (segment.Gap.Yardstick, ((int)segment.Gap.Actual.Converted, (int)segment.Gap.Actual.N)));
                Assert.Equal(expected.Aim!.Value, segment.Gap.Aim!.Value, 1e-9);
                Assert.Equal(expected.PValue!.Value, segment.Gap.PValue!.Value, 1e-6);
                Assert.Equal(naive.IsReal(expected) ? Finding.Real : Finding.WithinChance, segment.Gap.Finding);
                Assert.Equal(expected.Impact is null, segment.Impact is null);
                Assert.Equal(expected.Impact ?? 0, (double)(segment.Impact ?? 0), 1e-6);
                (real, chance) = segment.Gap.Finding == Finding.Real ? (real + 1, chance) : (real, chance + 1);
                impacts += segment.Impact > 0 ? 1 : 0;
                yardsticks.Add(segment.Gap.Yardstick);
            }
        }));
        Assert.True(real > 100 && chance > 8 && impacts > 4 && yardsticks.Count == 3, $"{real} gaps were real, {chance} within chance, {impacts} had a price, by {string.Join(", ", yardsticks)}.");
    }

    static DiagnosisQuery Query(RandomCase given, RandomHistory history)
    {
        var currency = given.Rows.FirstOrDefault(row => row.To == Stage.ClosedWon && row.Amount > 0)?.Currency ?? "EUR";
        var targets = Pair.All.Take(Way.Pairs).Select((pair, index) => new Target
        {
            Id = Guid.NewGuid(),
            Details = new(
                pair, null, new Goal.Conversion(0.2 + (((given.Rows.Count * 13) + (index * 29)) % 75 / 100.0), TimeSpan.FromDays(index % 2 == 0 ? 6 : 20)),
                RandomCase.End.AddYears(-1), null),
            CreateTime = RandomCase.End,
            UpdateTime = RandomCase.End,
            Version = 1,
        });
        return new(
            new(
                new()
                {
                    AsOf = history.Query.AsOf,
                    KnownAt = history.Query.KnownAt,
                    From = given.Query.From,
                    Filters = given.Rows.Count % 2 == 0 ? [] : history.Query.Filters,
                    Journeys = history.Query.Journeys,
                },
                ChangeBasis.Cohort,
                TimeSpan.FromDays(15),
                history.Query.GroupBy is [var dimension, ..] ? dimension : Dimension.Channel,
                currency,
                MaxValues: 100),
            [.. targets],
            MaxSegments: 10);
    }
}
