using System.Globalization;
using System.Text.Json;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>A bank's 13,087 real journeys, and figures that another program took from the raw file.</summary>
public sealed partial class LoansTests
{
    static readonly string? Folder = Repository.Loans;
    static readonly JsonElement Expected = Folder is null
        ? default
        : JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    static readonly TimeSpan[] Horizons = [.. new[] { 1, 7, 14, 30, 60 }.Select(days => TimeSpan.FromDays(days))];

    /// <summary>How the ledger may name opportunities. A close never names one here: the file does not say which offer was taken.</summary>
    public enum Naming
    {
        None,
        Entries,
    }

    [Theory]
    [InlineData(Naming.None)]
    [InlineData(Naming.Entries)]
    public void Volumes_are_as_counted_from_the_raw_file(Naming naming)
    {
        var group = Assert.Single(Answer(naming, period: null).Groups);

        Assert.Equal(Counts("reached"), Named(Stages.Waterfall, stage => group.Volumes[(int)stage].Reach));
        Assert.Equal(Counts("inferred"), Named(Stages.Waterfall, stage => group.Volumes[(int)stage].Inferred));
        Assert.Equal(Counts("entries"), Named(Stages.All.Except([Stage.Recycled]), stage => group.Volumes[(int)stage].Entries));
        Assert.Equal(Counts("stock_at_as_of"), Named(Stages.Waterfall, stage => group.Volumes[(int)stage].StockAtEnd));
        Assert.Equal(Expected.GetProperty("won_amount_eur").GetDecimal(), group.Won["EUR"]);
        Assert.Equal(Expected.GetProperty("journeys").GetInt64(), Ledger(naming).Select(row => row.JourneyId).Distinct().LongCount());
    }

    [Theory]
    [InlineData(Naming.None)]
    [InlineData(Naming.Entries)]
    public void Conversion_velocity_and_curve_of_every_pair_are_as_counted_from_the_raw_file(Naming naming)
    {
        var group = Assert.Single(Answer(naming, period: null).Groups);
        var expected = Expected.GetProperty("pairs");

        Assert.Equal(expected.EnumerateObject().Count(), group.Pairs.Count);
        foreach (var pair in group.Pairs)
        {
            CheckPair(expected.GetProperty($"{pair.Pair.From.Name()}>{pair.Pair.To.Name()}"), pair);
        }
    }

    [Fact]
    public void Reach_by_the_month_of_the_lead_is_as_counted_from_the_raw_file()
    {
        var answer = Answer(Naming.None, PeriodKind.Month);

        Assert.Equal(
            Expected.GetProperty("reached_by_lead_month_utc").EnumerateObject()
                .Select(month => month.Name + " " + string.Join(' ', Counts(month.Value).Select(count => count.Value))),
            answer.Groups
                .Select(group => group.Key.Period!.Name + " " + string.Join(' ', group.Volumes.Take(6).Select(volume => volume.Reach))));
    }

    static void CheckPair(JsonElement expected, PairFigures pair)
    {
        Assert.Equal(expected.GetProperty("cohort").GetInt64(), pair.Cohort);
        Assert.Equal(expected.GetProperty("reached").GetInt64(), pair.ToDate.Converted);

        foreach (var (days, figures) in Horizons.Select(horizon => horizon.Days.ToString(CultureInfo.InvariantCulture)).Zip(pair.Horizons))
        {
            var horizon = expected.GetProperty("horizon_days").GetProperty(days);
            Assert.Equal(horizon.GetProperty("mature").GetInt64(), figures.Rate.N);
            Assert.Equal(horizon.GetProperty("converted").GetInt64(), figures.Rate.Converted);
            Assert.Equal(pair.Cohort - figures.Rate.N, figures.Immature);
            AssertNear(horizon.GetProperty("rate").GetDouble(), figures.Rate.Value, 0.000001);
            AssertNear(horizon.GetProperty("wilson95")[0].GetDouble(), figures.Rate.Interval?.Low, 0.000001);
            AssertNear(horizon.GetProperty("wilson95")[1].GetDouble(), figures.Rate.Interval?.High, 0.000001);
        }
        foreach (var (days, point) in Horizons.Select(horizon => horizon.Days.ToString(CultureInfo.InvariantCulture)).Zip(pair.Curve))
        {
            AssertNear(expected.GetProperty("aalen_johansen_days").GetProperty(days).GetDouble(), point.Value, 0.000001);
        }

        var velocity = expected.GetProperty("velocity_seconds");
        Assert.Equal(velocity.GetProperty("n").GetInt64(), pair.CohortVelocity.N);
        Assert.Equal(velocity.GetProperty("negative").GetInt64(), pair.CohortVelocity.OutOfOrder);
        AssertNear(velocity.GetProperty("mean").GetDouble(), pair.CohortVelocity.Mean?.TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("median").GetDouble(), pair.CohortVelocity.Median?.TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("p75").GetDouble(), pair.CohortVelocity.P75?.TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("p90").GetDouble(), pair.CohortVelocity.P90?.TotalSeconds, 0.001);
        Assert.Equal(pair.CohortVelocity, pair.ThroughputVelocity); // without a period there is one set of journeys
    }

    /// <summary>Off by no more than the tolerance; the expected value itself is rounded to six (seconds: three) decimals.</summary>
    static void AssertNear(double expected, double? actual, double tolerance) =>
        Assert.InRange(Assert.NotNull(actual), expected - tolerance, expected + tolerance);

    static SortedDictionary<string, long> Counts(string name) => Counts(Expected.GetProperty(name));

    static SortedDictionary<string, long> Counts(JsonElement element) =>
        Sorted(element.EnumerateObject().Select(count => (count.Name, count.Value.GetInt64())));

    static SortedDictionary<string, long> Named(IEnumerable<Stage> stages, Func<Stage, long> figure) =>
        Sorted(stages.Select(stage => (stage.Name(), figure(stage))));

    static SortedDictionary<string, long> Sorted(IEnumerable<(string Name, long Value)> counts) =>
        new(counts.ToDictionary(count => count.Name, count => count.Value), Comparer<string>.Create((left, right) =>
        {
            Assert.True(Stages.TryParse(left, out var first) & Stages.TryParse(right, out var second));
            return first.CompareTo(second);
        }));

    static WaterfallAnswer Answer(Naming naming, PeriodKind? period)
    {
        Assert.SkipWhen(Folder is null, "The loans data is not here: neither in L2R_DATA nor in shared/data beside the repository.");

        var asOf = Expected.GetProperty("as_of").GetDateTimeOffset();
        var waterfall = new Waterfall(new WaterfallQuery
        {
            AsOf = asOf,
            KnownAt = DateTimeOffset.MaxValue,
            Periods = period is { } kind ? new ReportingCalendar(kind, TimeZoneInfo.Utc) : null,
            CohortBy = period is null ? null : Stage.Lead,
            Horizons = Horizons,
            CurveTimes = Horizons,
        });
        foreach (var rows in Ledger(naming).GroupBy(row => row.LeadId))
        {
            foreach (var journey in Fold.Lead(rows, asOf, knownAt: DateTimeOffset.MaxValue))
            {
                waterfall.Add(journey);
            }
        }
        return waterfall.ToAnswer();
    }

    public static IEnumerable<Transition> Ledger(Naming naming) =>
        from line in File.ReadLines(Path.Combine(Folder!, "transitions.csv")).Skip(1)
        let cells = line.Split(',')
        let id = TransitionId.Create("test", "loans", cells[0], long.Parse(cells[6], CultureInfo.InvariantCulture))
        let journey = TransitionId.OfJourney("test", "loans", cells[0])
        select new Transition
        {
            TransitionId = id,
            LeadId = TransitionId.OfLead("test", "loans", cells[0]),
            JourneyId = journey,
            OpportunityId = naming == Naming.Entries && cells[1] == "OPPORTUNITY" ? id : null,
            To = Stages.TryParse(cells[1], out var to) ? to : throw new InvalidDataException(line),
            OccurredAt = DateTimeOffset.Parse(cells[2], CultureInfo.InvariantCulture),
            RecordedAt = DateTimeOffset.MaxValue,
            SourceSeq = long.Parse(cells[6], CultureInfo.InvariantCulture),
            Origin = Origin.Import,
            Actor = cells[3],
            Reason = cells[4],
            Amount = cells[5].Length > 0 ? decimal.Parse(cells[5], CultureInfo.InvariantCulture) : null,
            Currency = cells[5].Length > 0 ? "EUR" : null,
        };
}
