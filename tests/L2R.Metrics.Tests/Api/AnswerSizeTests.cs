using L2R.Ledger.Domain;
using L2R.Metrics.Api;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Domain.Pipelines;
using Xunit;

namespace L2R.Metrics.Tests.Api;

public sealed class AnswerSizeTests
{
    const int FourMebibytes = 4 * 1024 * 1024;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(12, 100)]
    public void An_answer_with_as_many_groups_as_it_may_have_stays_within_what_clients_take(int horizons, int curveTimes)
    {
        var now = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero);
        var query = new WaterfallQuery { AsOf = now, KnownAt = now, GroupBy = [Dimension.Channel, Dimension.Owner] };
        var most = WaterfallRequests.MaxGroups(horizons, curveTimes);
        var answer = new WaterfallAnswer(now, now, [.. Enumerable.Repeat(Large(horizons, curveTimes, now), most)]);

        var size = WaterfallMapping.ToProto(answer, query, ReportingSettings.Default, new LedgerColumns().Current).CalculateSize();

        Assert.InRange(size, FourMebibytes * 6 / 10, FourMebibytes);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(60)]
    public void Cohorts_with_as_many_rows_as_they_may_have_stay_within_what_clients_take(int horizons)
    {
        const long Many = 10_000_000;
        var now = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero);
        var (name, rate) = (new string('x', 60), Rate.Of(Many / 3, Many, whyMissing: ""));
        var query = new CohortQuery
        {
            Scope = new JourneyScope { AsOf = now, KnownAt = now },
            Pair = new Pair(Stage.Lead, Stage.ClosedWon),
            GroupBy = [Dimension.Channel, Dimension.PolicyVersion],
            Horizons = [.. Enumerable.Range(1, horizons).Select(days => TimeSpan.FromDays(days))],
        };
        var row = new CohortRow(
            new Period("2026-01-31", now, now), [new CohortValue(name), new CohortValue(name)], Many, Many, rate, Many,
            [.. query.Horizons.Select(horizon => new HorizonFigures(horizon, rate, Many))]);
        var answer = new CohortAnswer([.. Enumerable.Repeat(row, Math.Min(AnswerRequests.MaxRows, AnswerRequests.FittingRows(horizons)))]);

        var size = CohortMapping.ToProto(answer, query, ReportingSettings.Default, Many).CalculateSize();

        Assert.InRange(size, FourMebibytes * 6 / 10, FourMebibytes);
    }

    [Fact]
    public void A_pipeline_with_as_many_rows_as_it_may_have_stays_within_what_clients_take()
    {
        const long Many = 10_000_000;
        var (now, span, name) = (new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero), TimeSpan.FromDays(3649.999_999_9), new string('x', 60));
        var rate = Rate.Of(Many / 3, Many, whyMissing: "");
        var leftOut = new Dictionary<string, decimal> { ["USD"] = 123_456_789.12m, ["GBP"] = 123_456_789.12m };
        var byAmount = new AmountRate(123_456_789.12m, 987_654_321.12m, Many, leftOut, "");
        var query = PipelineRequests.Read(
            new() { GroupBy = { "channel", "owner" }, ResponseSla = new() { Seconds = 1 } }, ReportingSettings.Default, now, problems: []);
        var key = new GroupKey(new Period("2026-01-31", now, now), name, name);
        var row = new PipelineRow(
            key,
            new(Many, Many, rate, new(Many, span, span, span, span), Many, new(rate, Many, Many, Many)),
            new(Many, Many, Many, Many, rate, byAmount),
            new(Many, rate, byAmount));
        var open = new OpenPipeline(
            key, Many, 987_654_321.12m, Many, leftOut, new(0.3, IsLearnt: true, Many, 987_654_321.12m, Missing: null),
            new(Many, rate, Many, 987_654_321.12m, Many, span, 987_654_321.12m, Missing: null));
        var answer = new PipelineAnswer([.. Enumerable.Repeat(row, query.MaxRows)], [.. Enumerable.Repeat(open, query.MaxRows)]);

        var size = PipelineMapping.ToProto(answer, query, ReportingSettings.Default, Many).CalculateSize();

        Assert.InRange(size, FourMebibytes * 4 / 10, FourMebibytes);
    }

    /// <summary>Every figure there, and as large as ten million journeys of ten years make it.</summary>
    static WaterfallGroup Large(int horizons, int curveTimes, DateTimeOffset now)
    {
        const long Many = 10_000_000;
        var name = new string('x', 60);
        var span = TimeSpan.FromDays(3649.999_999_9);
        var rate = Rate.Of(Many / 3, Many, whyMissing: "");
        var velocity = new Velocity(Many, span, span, span, span, Many);
        return new WaterfallGroup(
            new GroupKey(new Period("2026-01-31", now, now), name, name),
            [.. Stages.All.Select(stage => new Volume(stage, Many, Many, Many, Many, Many, Many))],
            [.. Pair.All.Select(pair => new PairFigures(
                pair, Many, Many, rate, Many, 0.3,
                [.. Enumerable.Repeat(new HorizonFigures(span, rate, Many), horizons)],
                [.. Enumerable.Repeat(new CurvePoint(span, 0.3, 0.01, new(0.2, 0.4), Many), curveTimes)],
                velocity, velocity))],
            new Dictionary<string, decimal> { ["EUR"] = 123_456_789.12m, ["USD"] = 123_456_789.12m },
            new Quality(Many, Many, Many, Many, Many, Many));
    }
}
