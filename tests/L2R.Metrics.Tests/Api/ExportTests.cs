using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ExportTests(MetricsFixture metrics)
{
    const int BatchSize = 500;

    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    async Task<List<ExportTransitionsResponse>> AskAsync(ExportTransitionsRequest request, string? tenant = null)
    {
        using var call = (await metrics.ClientAsync()).ExportTransitions(request, MetricsFixture.As(tenant ?? _tenant));
        List<ExportTransitionsResponse> batches = [];
        await foreach (var batch in call.ResponseStream.ReadAllAsync(Cancelled))
        {
            batches.Add(batch);
        }
        return batches;
    }

    static IEnumerable<JourneyRow> Rows(IEnumerable<ExportTransitionsResponse> batches) => batches.SelectMany(batch => batch.Rows);

    [Fact]
    public async Task Tells_the_rows_in_force_journey_after_journey_and_what_was_superseded_only_when_asked()
    {
        var (lead, first, second) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var wrong = MetricsFixture.Row(lead, first, Stage.Sal, 2, Noon.AddHours(1));
        var right = MetricsFixture.Row(lead, first, Stage.Mql, 2, Noon.AddHours(2));
        right.Supersedes = wrong.TransitionId;
        var again = MetricsFixture.Row(lead, second, Stage.Mql, 2, Noon.AddDays(2));
        var withdrawn = MetricsFixture.Row(lead, second, Stage.Unspecified, 3, Noon.AddDays(2));
        withdrawn.Supersedes = again.TransitionId;
        await metrics.SayAsync(_tenant, Guid.NewGuid(),
            again, MetricsFixture.Row(lead, second, Stage.Lead, 1, Noon.AddDays(1)), wrong, right, withdrawn, MetricsFixture.Row(lead, first, Stage.Lead, 1, Noon));
        await Eventually.EqualAsync(3, async () => Rows(await AskAsync(new())).Count());

        var batch = Assert.Single(await AskAsync(new()));
        var all = Rows(await AskAsync(new() { IncludeSuperseded = true })).ToList();

        Assert.Equal(
            [(first, Stage.Lead), (first, Stage.Mql), (second, Stage.Lead)],
            batch.Rows.Select(row => (Guid.Parse(row.Change.Journey["journeys/".Length..]), row.Change.To)));
        Assert.All(batch.Rows, row => Assert.True(row.InForce && row.RecordTime is not null));
        Assert.Equal(right, batch.Rows[1].Change);
        Assert.Equal(
            [(Stage.Lead, true), (Stage.Sal, false), (Stage.Mql, true), (Stage.Lead, true), (Stage.Mql, false), (Stage.Unspecified, false)],
            all.Select(row => (row.Change.To, row.InForce)));
        // Before the ledger learnt of anything there is nothing; the time in question is half open; as_of is not.
        Assert.Empty(Rows(await AskAsync(new() { KnownAt = Noon.ToTimestamp() })));
        Assert.Equal([right], Rows(await AskAsync(new() { StartTime = Noon.AddHours(1).ToTimestamp(), EndTime = Noon.AddDays(1).ToTimestamp() })).Select(row => row.Change));
        Assert.Equal(2, Rows(await AskAsync(new() { AsOf = Noon.AddHours(2).ToTimestamp() })).Count());
        Assert.Equal(batch.Rows, Rows(await AskAsync(new() { AsOf = batch.AsOf, KnownAt = batch.KnownAt })));
    }

    [Fact]
    public async Task Comes_in_batches_of_one_instant_and_an_empty_ledger_is_one_answer()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, BatchSize + 1).Select(_ => Guid.NewGuid()).Select(id => MetricsFixture.Row(id, id, Stage.Lead, 1, Noon))]);
        await Eventually.EqualAsync(BatchSize + 1, async () => Rows(await AskAsync(new())).Count());

        var batches = await AskAsync(new());
        var nothing = Assert.Single(await AskAsync(new(), MetricsFixture.NewTenant()));

        Assert.Equal([BatchSize, 1], batches.Select(batch => batch.Rows.Count));
        Assert.Single(batches.Select(batch => (batch.AsOf, batch.KnownAt)).Distinct());
        Assert.Equal((0, true, true), (nothing.Rows.Count, nothing.AsOf is not null, nothing.KnownAt is not null));
    }

    [Fact]
    public async Task Who_stops_reading_leaves_room_for_others()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 2 * BatchSize).Select(_ => Guid.NewGuid()).Select(id => MetricsFixture.Row(id, id, Stage.Lead, 1, Noon))]);
        await Eventually.EqualAsync(2 * BatchSize, async () => Rows(await AskAsync(new())).Count());
        for (var leaver = 0; leaver < 10; leaver++)
        {
            using var call = (await metrics.ClientAsync()).ExportTransitions(new(), MetricsFixture.As(_tenant));
            Assert.True(await call.ResponseStream.MoveNext(Cancelled));
        }

        Assert.Equal(2 * BatchSize, Rows(await AskAsync(new())).Count());
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        using var call = (await metrics.ClientAsync()).ExportTransitions(
            new() { AsOf = TimeProvider.System.GetUtcNow().AddDays(1).ToTimestamp(), StartTime = Noon.ToTimestamp(), EndTime = Noon.ToTimestamp() },
            MetricsFixture.As(_tenant));
        var error = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancelled)));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(["as_of", "end_time"], error.Violations.Select(violation => violation.Field).Order());
    }
}
