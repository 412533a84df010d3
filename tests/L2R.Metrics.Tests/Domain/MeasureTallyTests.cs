using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;
using Interval = L2R.Metrics.Domain.Interval;

namespace L2R.Metrics.Tests.Domain;

public sealed class MeasureTallyTests
{
    [Fact]
    public void Measures_what_the_definitions_say_of_any_ledger()
    {
        Prop.ForAll(RandomCase.Any, random =>
        {
            var period = new Period("P", random.Query.AsOf.AddDays(-30), random.Query.AsOf.AddDays(-10));
            foreach (var pair in Pair.All)
            {
                foreach (var segment in new[] { null, new Segment("channel", "a"), new Segment("team", "b") })
                {
                    foreach (var measure in new Measure[] { new Measure.Volume(), new Measure.Conversion(TimeSpan.FromDays(5)), new Measure.Velocity(TimeSpan.FromDays(10)) })
                    {
                        var tally = new MeasureTally(pair, segment, measure, period, CustomDimensions.None);
                        foreach (var journey in random.Facts())
                        {
                            tally.Add(journey);
                        }
                        var reading = tally.ToReading(random.Query.AsOf, random.Query.KnownAt, outOfScope: 0);
                        Assert.Equal(Naive(random, pair, segment, measure, period), (reading.N, reading.Value));
                    }
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    // Tables of the sign test, as in Conover: the largest rank that keeps 95%, or one more to the safe side.
    [InlineData(5, null)]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(15, 4)]
    [InlineData(20, 6)]
    [InlineData(25, 8)]
    public void Few_values_enclose_their_median_widely(int n, int? rank) => Assert.Equal(rank, OrderStatistics.MedianRank(n));

    [Fact]
    public void The_enclosed_share_is_95_percent_or_more_for_any_number_of_values()
    {
        for (var n = 6; n <= 400; n++)
        {
            // Outside are those samples of which fewer than r, or more than n - r, fall below the true median.
            var (outside, term) = (0.0, Math.Pow(0.5, n));
            for (var below = 0; below < OrderStatistics.MedianRank(n); below++)
            {
                outside += 2 * term;
                term *= (double)(n - below) / (below + 1);
            }
            Assert.InRange(outside, 0, 0.05);
        }
    }

    [Fact]
    public void The_median_of_days_has_the_interval_of_its_ranks()
    {
        var start = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
        var tally = new MeasureTally(Pair.All[0], null, new Measure.Velocity(TimeSpan.FromDays(30)), new Period("2026-01", start.AddDays(-4), start.AddDays(27)), CustomDimensions.None);
        foreach (var days in new[] { 9, 1, 8, 2, 7, 3, 6, 4, 5, 10, 31 }) // the last one is beyond the horizon
        {
            tally.Add(Journey(start, days));
        }

        var reading = tally.ToReading(start.AddDays(100), start.AddDays(100), outOfScope: 0);

        Assert.Equal((10, 5.5, new Interval(2, 9)), (reading.N, reading.Value, reading.Interval));
    }

    [Fact]
    public void A_count_has_the_interval_of_the_mean_of_which_it_came()
    {
        var start = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
        var tally = new MeasureTally(Pair.All[0], null, new Measure.Volume(), new Period("2026-01", start.AddDays(-4), start.AddDays(27)), CustomDimensions.None);
        tally.Add(Journey(start, days: 3));

        var reading = tally.ToReading(start.AddDays(100), start.AddDays(100), outOfScope: 0);

        Assert.Equal((1, 1.0, 0.0253, 5.5716), (reading.N, reading.Value, Math.Round(reading.Interval!.Value.Low, 4), Math.Round(reading.Interval.Value.High, 4)));
    }

    static JourneyFacts Journey(DateTimeOffset start, int days)
    {
        var (lead, journey) = (Guid.NewGuid(), Guid.NewGuid());
        return Fold.Lead([Row(Stage.Lead, 1, start), Row(Stage.Mql, 2, start.AddDays(days))], start.AddDays(100), start.AddDays(100)).Single();

        Transition Row(Stage to, long seq, DateTimeOffset at) => new()
        {
            TransitionId = Guid.NewGuid(),
            LeadId = lead,
            JourneyId = journey,
            To = to,
            OccurredAt = at,
            RecordedAt = at,
            SourceSeq = seq,
        };
    }

    static (long N, double? Value) Naive(RandomCase random, Pair pair, Segment? segment, Measure measure, Period period)
    {
        var journeys = new Naive(random.Rows, random.Query with { Journeys = JourneySelection.Any }, random.Merges).Journeys;
        var by = measure is Measure.Volume ? pair.To : pair.From;
        var counted = journeys.Where(journey => journey.Reach(by) is { } row && row.OccurredAt >= period.From && row.OccurredAt < period.To
            && (segment is null || journey.ValueOf(CustomDimensions.None.Of(segment.Dimension), row) == segment.Value)).ToList();
        if (measure is Measure.Volume)
        {
            return (counted.Count, counted.Count);
        }
        var cohort = counted.Where(journey => journey.Rows.First(row => row.To <= Stage.ClosedWon).To <= pair.From).ToList();
        var converted = cohort.Where(journey => journey.Reach(pair.To) is { } end && end.OccurredAt - journey.Reach(pair.From)!.OccurredAt <= measure.Maturity).ToList();
        if (measure is Measure.Conversion)
        {
            return (cohort.Count, cohort.Count == 0 ? null : (double)converted.Count / cohort.Count);
        }
        var days = converted
            .Where(journey => !journey.IsInferred(pair.From) && !journey.IsInferred(pair.To))
            .Select(journey => (journey.Reach(pair.To)!.OccurredAt - journey.Reach(pair.From)!.OccurredAt).TotalDays)
            .Order()
            .ToList();
        return (days.Count, days.Count == 0 ? null : (days[(days.Count - 1) / 2] + days[days.Count / 2]) / 2);
    }
}
