using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <remarks>What is said of the levers, and what holds of them always.</remarks>
public sealed partial class RevenueDiagnosisTests
{
    [Fact]
    public void Is_told_in_sentences()
    {
        var query = Query(Conversion(1, 0.6), Conversion(4, 0.9), TargetOf(1, new Goal.Velocity(TimeSpan.FromHours(12), TimeSpan.FromDays(30))));
        var answer = Diagnose(query, Hundred);
        var words = new DiagnosisWords(answer, query);

        Assert.Equal(
            "100 journeys brought EUR 1.0k within 30 days. Fix MQL → SAL first: closing that gap alone is worth up to EUR 200.",
            words.Summary());
        Assert.Equal(
            "MQL → SAL converts 50% of 80 (39 to 61%) within 30 days against a target of 60%: a gap that chance does not explain. "
            + "Closing it alone is worth up to EUR 200 (half: EUR 100). "
            + "Look first at scoring that is too loose and the handoff from marketing to sales. "
            + "Half take 1 day or less against a target of 12 hours: each day gained pulls EUR 10 forward, once, and all 12 hours EUR 5; no revenue more, only earlier.",
            words.Of(answer.Pairs[1]));
        Assert.Equal("LEAD → MQL converts 80% of 100 (71 to 87%); there is no target and no other segment to compare with.", words.Of(answer.Pairs[0]));
        Assert.Equal("OPPORTUNITY → CLOSED_WON: not enough data to compare with a target of 90%; 10 of 20 converted within 30 days.", words.Of(answer.Pairs[4]));
        Assert.Equal(
            "MQL → SAL of segment a converts 50% of 80 (39 to 61%) within 30 days against a target of 60%: a gap that chance does not explain. Closing it alone is worth up to EUR 200.",
            words.Of(Assert.Single(answer.Segments)));
        Assert.Equal(
            "No journey of that time has been followed for 30 days: there is nothing to diagnose.",
            new DiagnosisWords(Diagnose(query), query).Summary());
    }

    /// <summary>Random journeys and targets: whatever they are, what must hold holds.</summary>
    [Fact]
    public void Levers_are_never_negative_sum_exactly_and_do_not_depend_on_the_order() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(
            Arb.From(Gen.Choose(0, 9).ArrayOf(5).ListOf(4)), Arb.From(Gen.Choose(1, 100).ArrayOf(5)),
            (counts, ratios) =>
            {
                JourneyFacts[] journeys =
                [
                    .. counts.Index().SelectMany(segment => segment.Item.Index().SelectMany(count =>
                        Walks(count.Item * 5, $"s{segment.Index}", (Stage)(count.Index + 1), 10 + segment.Index, (Stage)(segment.Index % 2)))),
                ];
                Target[] targets = [.. ratios.Index().Where(ratio => ratio.Item % 3 > 0).Select(ratio => Conversion(ratio.Index, ratio.Item / 100.0))];
                var (answer, turned) = (Diagnose(Query(targets), journeys), Diagnose(Query(targets), journeys.Reverse()));

                Assert.All(answer.Levers, lever => Assert.True(lever.Alone > 0 && lever.Together > 0));
                Assert.All(answer.Segments, segment => Assert.True(segment.Impact is null or >= 0));
                Assert.Equal(answer.AllTogether, answer.Levers.Sum(lever => lever.Together));
                Assert.True(answer.Levers.Count == 0 || answer.AllTogether >= answer.Levers.Max(lever => lever.Alone));
                Assert.Equal(answer.Levers, turned.Levers);
                Assert.Equal(answer.Segments, turned.Segments);
                Assert.Equal(answer.Pairs, turned.Pairs);
                foreach (var lever in answer.Levers.Where(lever => answer.Pairs[Array.IndexOf(Pairs, lever.Pair)].Gap.Yardstick == Yardstick.Target))
                {
                    Assert.Equal(Naive(journeys, Array.IndexOf(Pairs, lever.Pair), targets), (double)lever.Alone, 1e-3);
                }
            }));

    /// <summary>By journeys, segment by segment, with no chain: winners · amount · (t/c − 1), where no rate rises above 1.</summary>
    static double Naive(JourneyFacts[] journeys, int pair, Target[] targets)
    {
        bool Reaches(JourneyFacts journey, int rank) => journey.Reach((Stage)rank) is not null;
        var atRisk = journeys.Where(journey => journey.StartedAt <= (Stage)pair && Reaches(journey, pair)).ToList();
        var c = (double)atRisk.Count(journey => Reaches(journey, pair + 1)) / atRisk.Count;
        var t = ((Goal.Conversion)targets.Single(target => target.Details.Pair == Pairs[pair]).Details.Goal).Ratio;
        return atRisk.GroupBy(journey => journey.Current.Segment).Sum(segment =>
        {
            var own = (double)segment.Count(journey => Reaches(journey, pair + 1)) / segment.Count();
            var won = segment.Sum(journey => journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon).Sum(stay => (double)stay.Amount!.Value));
            return own == 0 ? 0 : won * (Math.Min(1 / own, t / c) - 1);
        });
    }
}
