using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Domain.Planning;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed partial class LoansTests
{
    static readonly Pair[] Chain = [.. Pair.All.Take(5)];

    [Fact]
    public void A_diagnosis_measures_each_pair_as_counted_from_the_raw_file_and_prices_its_gap()
    {
        Visit();
        foreach (var horizon in Horizons)
        {
            Target[] targets = [.. Chain.Select(pair => new Target
            {
                Id = Guid.NewGuid(),
                Details = new(pair, null, new Goal.Conversion(0.95, horizon), DateTimeOffset.UnixEpoch, null),
                CreateTime = default,
                UpdateTime = default,
                Version = 1,
            })];
            var query = new DiagnosisQuery(new(Scope, ChangeBasis.Cohort, TimeSpan.FromDays(60), Dimension.Segment, "EUR", 10), targets, 10);
            var diagnosis = new RevenueDiagnosis(query);
            var won = 0m;
            Visit(diagnosis.Add, journey =>
            {
                var until = journey.Reach(Stage.Lead)?.At + query.Ways.Horizon;
                won += until <= Scope.AsOf ? journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon && stay.Entered <= until).Sum(stay => stay.Amount ?? 0) : 0;
            });

            var answer = diagnosis.ToAnswer();

            Assert.Equal(won, answer.Revenue.Won);
            foreach (var (pair, index) in Chain.Select((pair, index) => (pair, index)))
            {
                var expected = Expected.GetProperty("pairs").GetProperty($"{pair.From.Name()}>{pair.To.Name()}")
                    .GetProperty("horizon_days").GetProperty($"{horizon.Days}");
                var gap = answer.Pairs[index].Gap;
                Assert.Equal((expected.GetProperty("converted").GetInt64(), expected.GetProperty("mature").GetInt64()), (gap.Actual.Converted, gap.Actual.N));
                var c = expected.GetProperty("rate").GetDouble();
                Assert.Equal(c < 0.95 ? Finding.Real : Finding.AtOrAbove, gap.Finding);

                // There is one way: a factor, at most 1 over the chain's own rate.
                var factor = Math.Min(0.95 / c, 1 / answer.Pairs[index].Chain.Value!.Value);
                var alone = answer.Levers.SingleOrDefault(lever => lever.Pair == pair)?.Alone ?? 0;
                Assert.Equal(c < 0.95 ? (double)won * (factor - 1) : 0, (double)alone, (double)won * 1e-5); // the file's rates have six decimals
            }
            Assert.Equal(answer.AllTogether, answer.Levers.Sum(lever => lever.Together));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(25)]
    public void The_outlook_of_a_day_long_past_is_near_what_came(int daysLater)
    {
        Visit();
        var day = new DateTimeOffset(2012, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(daysLater);
        var query = new OutlookQuery(new() { AsOf = day, KnownAt = DateTimeOffset.MaxValue }, TimeSpan.FromDays(30), "EUR");
        var outlook = new RevenueOutlook(query);
        var came = new long[5];
        foreach (var rows in Ledger(Naming.None).GroupBy(row => row.LeadId))
        {
            foreach (var (journey, later) in Fold.Lead(rows, day, DateTimeOffset.MaxValue).Zip(Fold.Lead(rows, day + query.Ahead, DateTimeOffset.MaxValue)))
            {
                outlook.Add(journey);
                if (journey.EndedAt is null && journey.Reach(Stage.ClosedWon) is null && later.Reach(Stage.ClosedWon) is not null)
                {
                    came[(int)Stages.Waterfall.Last(stage => journey.Reach(stage) is not null)]++;
                }
            }
        }
        var answer = outlook.ToAnswer();

        var opportunities = answer.Stages[4].Expected!.Value.WinInterval;
        Assert.InRange(came[4], opportunities.Low, opportunities.High);
        Assert.InRange(came.Take(4).Sum(), 0, answer.Stages.Take(4).Sum(stage => stage.Expected!.Value.Wins)); // above OPPORTUNITY it is an upper bound
    }
}
