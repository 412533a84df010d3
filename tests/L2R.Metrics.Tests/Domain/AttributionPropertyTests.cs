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

    static List<Touch> Touches(RandomCase given, Guid lead) =>
    [
        .. given.Rows.Where(row => row.LeadId == lead).Select((row, index) => new Touch(
            row.TransitionId, lead, row.OccurredAt.AddHours((index % 3) - 1), index % 4 == 0 ? null : $"c{index % 3}", Campaign: null)),
    ];
}
