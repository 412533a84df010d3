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

    /// <summary>Days of the file, and days ahead that it still has.</summary>
    [Theory]
    [InlineData(61, 30)]
    [InlineData(61, 90)]
    [InlineData(76, 30)]
    [InlineData(92, 30)]
    [InlineData(107, 30)]
    [InlineData(117, 30)]
    public void The_outlook_of_a_day_long_past_is_near_what_came(int day, int ahead)
    {
        Visit();
        var asOf = new DateTimeOffset(2011, 10, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
        var query = new OutlookQuery(new() { AsOf = asOf, KnownAt = DateTimeOffset.MaxValue }, TimeSpan.FromDays(ahead), "EUR");
        var outlook = new RevenueOutlook(query);
        var came = new long[5];
        foreach (var rows in Ledger(Naming.None).GroupBy(row => row.LeadId))
        {
            foreach (var (journey, later) in Fold.Lead(rows, asOf, DateTimeOffset.MaxValue).Zip(Fold.Lead(rows, asOf + query.Ahead, DateTimeOffset.MaxValue)))
            {
                outlook.Add(journey);
                if (journey.EndedAt is null && journey.Reach(Stage.ClosedWon) is null && later.Reach(Stage.ClosedWon) is not null)
                {
                    came[(int)Stages.Waterfall.Last(stage => journey.Reach(stage) is not null)]++;
                }
            }
        }

        // Four standard deviations of what chance does to each journey. With those that had gone on, MQL would be expected to bring 43 wins or more.
        foreach (var (index, stage) in outlook.ToAnswer().Stages.Index().Where(stage => stage.Item.Expected is not null))
        {
            var expected = stage.Expected!.Value;
            Assert.InRange(came[index], expected.Wins - (4 * Math.Sqrt(expected.WinVariance)), expected.Wins + (4 * Math.Sqrt(expected.WinVariance)));
            Assert.True(index > 1 || expected.Wins < 10, $"{stage.Stage}: {expected.Wins}");
        }
    }
}
