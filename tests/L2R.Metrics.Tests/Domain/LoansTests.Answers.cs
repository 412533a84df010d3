using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed partial class LoansTests
{
    static JourneyScope Scope => new() { AsOf = Expected.GetProperty("as_of").GetDateTimeOffset(), KnownAt = DateTimeOffset.MaxValue };

    [Fact]
    public void Cohorts_by_the_month_of_the_lead_reach_every_stage_as_counted_from_the_raw_file()
    {
        Visit(); // skips where there is no data
        var journeys = Ledger(Naming.None).Columns(DateTimeOffset.MaxValue);
        var months = Expected.GetProperty("reached_by_lead_month_utc").EnumerateObject().ToList();
        foreach (var to in Stages.Waterfall.Skip(1))
        {
            var cohorts = journeys.Ask(new CohortQuery
            {
                Scope = Scope,
                Pair = new Pair(Stage.Lead, to),
                Periods = new ReportingCalendar(PeriodKind.Month, TimeZoneInfo.Utc),
            });

            Assert.Equal(
                months.Select(month => (month.Name, month.Value.GetProperty("LEAD").GetInt64(), month.Value.GetProperty(to.Name()).GetInt64())),
                cohorts.Rows.Select(row => (row.Period!.Name, row.Cohort, row.ToDate.Converted)));
        }
    }

    [Fact]
    public void Cohorts_and_velocity_of_every_pair_are_as_counted_from_the_raw_file()
    {
        Visit();
        var journeys = Ledger(Naming.None).Columns(DateTimeOffset.MaxValue);
        foreach (var pair in Pair.All)
        {
            var expected = Expected.GetProperty("pairs").GetProperty($"{pair.From.Name()}>{pair.To.Name()}");
            var cohorts = journeys.Ask(new CohortQuery { Scope = Scope, Pair = pair, Horizons = Horizons });
            var velocities = new Velocities(new VelocityQuery(Scope, pair));
            Visit(velocities.Add);

            Assert.Equal(
                expected.GetProperty("horizon_days").EnumerateObject().Select(horizon =>
                    (horizon.Value.GetProperty("mature").GetInt64(), horizon.Value.GetProperty("converted").GetInt64())),
                Assert.Single(cohorts.Rows).Cells.Select(cell => (cell.Rate.N, cell.Rate.Converted)));
            var velocity = velocities.ToAnswer();
            var seconds = expected.GetProperty("velocity_seconds");
            Assert.Equal(seconds.GetProperty("n").GetInt64(), velocity.Cohort.N);
            AssertNear(seconds.GetProperty("median").GetDouble(), velocity.Cohort.Median?.TotalSeconds, 0.001);
            AssertNear(seconds.GetProperty("p90").GetDouble(), velocity.Cohort.P90?.TotalSeconds, 0.001);

            // The curve reaches ½ where the Aalen-Johansen estimate at some day is above it.
            var isAbove = expected.GetProperty("aalen_johansen_days").EnumerateObject().Any(day => day.Value.GetDouble() >= 0.5);
            Assert.Equal(isAbove, velocity.Curve.Median is not null);
            Assert.Equal(expected.GetProperty("cohort").GetInt64(), velocity.Curve.N);
        }
    }

    [Fact]
    public void The_flow_is_as_counted_from_the_raw_file()
    {
        var flow = new Flow(Scope, periods: null);
        Visit(journey => flow.Add(journey));
        var stages = Assert.Single(flow.ToAnswer().Periods).Stages;

        Assert.Equal(Counts("entries"), Named(Stages.All.Except([Stage.Recycled]), stage => stages[(int)stage].Entries));
        Assert.Equal(Counts("stock_at_as_of"), Named(Stages.Waterfall, stage => stages[(int)stage].StockAtEnd));
    }

    static void Visit(params Action<JourneyFacts>[] adds)
    {
        Assert.SkipWhen(Folder is null, "The loans data is not here: neither in L2R_DATA nor in shared/data beside the repository.");
        foreach (var journey in adds.Length == 0 ? [] : Ledger(Naming.None).GroupBy(row => row.LeadId)
            .SelectMany(rows => Fold.Lead(rows, Scope.AsOf, DateTimeOffset.MaxValue)))
        {
            foreach (var add in adds)
            {
                add(journey);
            }
        }
    }
}
