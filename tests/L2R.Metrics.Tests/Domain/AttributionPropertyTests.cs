using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Random ledgers, touched where their first rows happened, shortly after and from time to time.</summary>
public sealed class AttributionPropertyTests
{
    [Fact]
    public void Credits_of_every_model_and_those_of_nobody_sum_to_the_wins_and_their_amounts() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(RandomCase.Any, given =>
        {
            var attribution = new Attribution(new AttributionQuery
            {
                AsOf = given.Query.AsOf,
                KnownAt = given.Query.KnownAt,
                Models = Enum.GetValues<AttributionModel>(),
                Lookback = TimeSpan.FromHours(20),
                HalfLife = TimeSpan.FromHours(3),
            });
            var facts = given.Facts();
            foreach (var journey in facts)
            {
                attribution.Add(journey, Touches(given, journey.LeadId));
            }
            var answer = attribution.ToAnswer();

            List<Stay> wins = [.. facts.SelectMany(journey => journey.Stays).Where(stay => stay.Stage == Stage.ClosedWon)];
            Assert.Equal(wins.Count, answer.Wins);
            Assert.Equal(wins.Where(win => win.Amount is not null).Sum(win => win.Amount), answer.WonAmounts.Values.Sum());
            Assert.All(answer.Models, model =>
            {
                Assert.Equal(answer.Wins, answer.Untouched + (model.Credits.Sum(credit => (decimal)credit.WinNanos) / CreditSplit.One));
                Assert.Equal(answer.WonAmounts.Values.Sum(), answer.UntouchedAmounts.Values.Sum() + model.Credits.Sum(credit => credit.Amounts.Values.Sum()));
            });
        }));

    [Fact]
    public void Every_credit_is_what_the_definitions_say()
    {
        var shared = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(RandomCase.Any, given =>
        {
            var query = new AttributionQuery
            {
                AsOf = given.Query.AsOf,
                KnownAt = given.Query.KnownAt,
                From = given.Query.From,
                To = given.Query.To,
                Models = Enum.GetValues<AttributionModel>(),
                Lookback = TimeSpan.FromHours(60),
                HalfLife = TimeSpan.FromHours(20),
            };
            var attribution = new Attribution(query);
            foreach (var journey in given.Facts())
            {
                attribution.Add(journey, Touches(given, journey.LeadId));
            }
            var answer = attribution.ToAnswer();
            var naive = new NaiveAttribution(new Naive(given.Rows, given.Query with { Journeys = JourneySelection.Any }, given.Merges).Journeys, lead => Touches(given, lead), query);

            Assert.Equal((naive.Wins, naive.Untouched, naive.Nonconverting), ((int)answer.Wins, (int)answer.Untouched, (int)answer.Nonconverting));
            foreach (var model in answer.Models)
            {
                var expected = naive.Credits(model.Model);
                Assert.Equal(expected.Keys, model.Credits.Select(credit => credit.Value ?? ""));
                foreach (var (credit, (wins, euros)) in model.Credits.Zip(expected.Values))
                {
                    Assert.Equal(wins, credit.WinNanos / 1e9, 1e-7);
                    Assert.Equal(euros, (double)credit.Amounts.GetValueOrDefault("EUR"), 1e-5);
                }
                shared += expected.Count > 1 ? 1 : 0;
            }
            Assert.All(answer.RemovalEffects, effect => Assert.Equal(naive.RemovalEffect(effect.Value ?? ""), effect.Share, 1e-7));
        }));
        Assert.True(shared > 1000, $"{shared} answers had credits to share.");
    }

    static List<Touch> Touches(RandomCase given, Guid lead) =>
    [
        .. given.Rows.Where(row => row.LeadId == lead).Select((row, index) => new Touch(
            row.TransitionId, lead, row.OccurredAt.AddHours((index % 3) - 1), index % 4 == 0 ? null : $"c{index % 3}", Campaign: null)),
    ];
}
