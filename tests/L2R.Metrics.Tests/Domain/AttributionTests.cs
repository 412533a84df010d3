using System.Globalization;
using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class AttributionTests
{
    static readonly Dictionary<string, double> NoEffects = [];
    static readonly string? Folder = Repository.Loans is { } loans && Path.Combine(loans, "..", "attribution") is var folder && Directory.Exists(folder)
        ? folder
        : null;

    static AttributionPath Touched(int touches, int mql = -1, int opportunity = -1) => new(
        [.. Enumerable.Range(0, touches).Select(index => $"c{index}")],
        [.. Enumerable.Range(0, touches).Select(index => TimeSpan.FromDays(7 * (touches - 1 - index)))],
        mql, opportunity);

    static string Split(AttributionModel model, AttributionPath path) => string.Join(
        " ", CreditSplit.ByWeight(CreditSplit.One, path.Weigh(model, TimeSpan.FromDays(7), NoEffects)));

    [Theory]
    [InlineData(AttributionModel.FirstTouch, 3, "1000000000 0 0")]
    [InlineData(AttributionModel.LastTouch, 3, "0 0 1000000000")]
    [InlineData(AttributionModel.Linear, 3, "333333334 333333333 333333333")]
    [InlineData(AttributionModel.UShaped, 1, "1000000000")]
    [InlineData(AttributionModel.UShaped, 2, "500000000 500000000")]
    [InlineData(AttributionModel.UShaped, 4, "400000000 100000000 100000000 400000000")]
    [InlineData(AttributionModel.TimeDecay, 3, "142857143 285714286 571428571")]
    public void A_win_is_shared_by_the_model(AttributionModel model, int touches, string expected) =>
        Assert.Equal(expected, Split(model, Touched(touches)));

    [Theory]
    [InlineData(5, 1, 3, "300000000 300000000 50000000 300000000 50000000")]
    [InlineData(3, 1, 2, "333333334 333333333 333333333")] // no other touch: the anchors share its part
    [InlineData(3, 0, 2, "600000000 100000000 300000000")] // one touch is two anchors
    [InlineData(3, -1, 1, "428571429 428571428 142857143")] // no touch up to MQL
    public void W_goes_by_the_first_touch_MQL_and_the_opportunity(int touches, int mql, int opportunity, string expected) =>
        Assert.Equal(expected, Split(AttributionModel.WShaped, Touched(touches, mql, opportunity)));

    [Fact]
    public void Parts_sum_to_the_whole_and_differ_from_the_exact_part_by_less_than_one() => Prop.ForAll(
        ArbMap.Default.ArbFor<(long Whole, NonEmptyArray<uint> Weights)>(),
        input =>
        {
            long[] weights = [.. input.Weights.Get.Select(weight => (long)weight)];
            var parts = CreditSplit.ByWeight(input.Whole, weights);
            var sum = weights.Aggregate(BigInteger.Zero, (total, weight) => total + weight);
            Assert.Equal(input.Whole, parts.Aggregate(BigInteger.Zero, (total, part) => total + part));
            if (!sum.IsZero)
            {
                Assert.All(parts.Zip(weights), part => Assert.True(BigInteger.Abs((part.First * sum) - (input.Whole * new BigInteger(part.Second))) < sum));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Removal_effects_are_as_computed_by_hand()
    {
        // a > b > win, a > end, b > win: P(win) = 2/3; without a 1/3; without b 0.
        var chain = new MarkovChain();
        chain.Add(["a", "b"], isWon: true);
        chain.Add(["a"], isWon: false);
        chain.Add(["b"], isWon: true);

        var effects = chain.RemovalEffects();

        Assert.Equal(0.5, effects["a"], 12);
        Assert.Equal(1.0, effects["b"], 12);
    }

    [Fact]
    public void Removal_effects_are_those_of_following_the_chain_without_the_value() => Prop.ForAll(
        Gen.Choose(0, 3).Select(value => $"{(char)('a' + value)}").NonEmptyListOf().Zip(ArbMap.Default.GeneratorFor<bool>()).NonEmptyListOf().ToArbitrary(),
        paths =>
        {
            var chain = new MarkovChain();
            foreach (var (values, isWon) in paths)
            {
                chain.Add(values, isWon);
            }
            var effects = chain.RemovalEffects();
            var all = Win(removed: null);
            foreach (var (value, effect) in effects)
            {
                Assert.Equal(all == 0 ? 0 : 1 - (Win(value) / all), effect, 1e-6);
            }

            // By following the shares of a walker, step by step, until next to nothing is under way.
            double Win(string? removed)
            {
                List<(string From, string To)> moves = [.. paths.SelectMany(path =>
                    path.Item1.Prepend("start").Zip(path.Item1.Append(path.Item2 ? "win" : "end")))];
                var (at, won) = (new Dictionary<string, double> { ["start"] = 1 }, 0.0);
                for (var step = 0; step < 20_000 && at.Values.Sum() > 1e-10; step++)
                {
                    var next = new Dictionary<string, double>();
                    foreach (var (state, share) in at)
                    {
                        var from = moves.Where(move => move.From == state).ToList();
                        foreach (var to in from.GroupBy(move => move.To).Where(to => to.Key != removed && to.Key != "end"))
                        {
                            var part = share * to.Count() / from.Count;
                            won += to.Key == "win" ? part : 0;
                            if (to.Key != "win")
                            {
                                next[to.Key] = next.GetValueOrDefault(to.Key) + part;
                            }
                        }
                    }
                    at = next;
                }
                return won;
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(AttributionModel.FirstTouch, "first_touch")]
    [InlineData(AttributionModel.LastTouch, "last_touch")]
    [InlineData(AttributionModel.Linear, "linear_touch")]
    [InlineData(AttributionModel.UShaped, "position_40_20_40")]
    public void Ten_thousand_paths_are_credited_as_by_another_program(AttributionModel model, string name)
    {
        Assert.SkipWhen(Folder is null, "The attribution data is not here: neither beside L2R_DATA's loans nor in shared/data beside the repository.");
        var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement.GetProperty(name)
            .EnumerateObject().Select(value => $"{value.Name} {value.Value.GetDecimal():0.0000}");

        var credits = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (var cells in File.ReadLines(Path.Combine(Folder, "paths.csv")).Skip(1).Select(line => line.Split(',')))
        {
            var values = cells[0].Split(" > ");
            var path = new AttributionPath(values, [.. values.Select(_ => TimeSpan.Zero)], -1, -1);
            var parts = CreditSplit.ByWeight(CreditSplit.One, path.Weigh(model, TimeSpan.FromDays(7), NoEffects));
            foreach (var (value, part) in values.Zip(parts))
            {
                credits[value] = credits.GetValueOrDefault(value) + (part * long.Parse(cells[1], CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal(expected, credits.Select(credit => $"{credit.Key} {Math.Round((decimal)credit.Value / CreditSplit.One, 4):0.0000}"));
    }
}
