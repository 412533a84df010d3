using Grpc.Core;
using L2R.Metrics.Api;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Npgsql;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class QuestionsTests
{
    readonly string _tenant = MetricsFixture.NewTenant();

    CallOptions As => MetricsFixture.As(_tenant);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_too_many_is_refused_and_answered_when_it_asks_again()
    {
        await using var service = await ServiceProcess.StartAsync(
            typeof(Metrics.Storage.LedgerStore).Assembly, "metricsdb", ("Questions__MaxAtOnce", "1"), ("Questions__MaxWaiting", "0"));
        var metrics = new MetricsService.MetricsServiceClient(service.Channel);
        await using var connection = await service.Admin.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using (var hold = new NpgsqlCommand("LOCK TABLE ledger_clocks", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync(Cancelled); // whoever asks stops at the clock
        }
        using var first = metrics.GetWaterfallAsync(new(), As);
        await Eventually.EqualAsync(1L, async () =>
        {
            await using var waiting = service.Admin.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
            return (long)(await waiting.ExecuteScalarAsync(Cancelled))!;
        });

        var refused = await GrpcAssert.FailsAsync(metrics.GetFlowAsync(new(), As));
        var settings = await metrics.GetSettingsAsync(new(), As); // no question
        await transaction.CommitAsync(Cancelled);
        await first;
        var second = await metrics.GetFlowAsync(new(), As);

        Assert.Equal((StatusCode.ResourceExhausted, "QUESTIONS_TOO_MANY"), (refused.Code, refused.Reason));
        Assert.Equal("UTC", settings.TimeZone);
        Assert.Equal(0, second.JourneyCount);
    }

    [Fact]
    public async Task Attribution_over_more_touches_than_one_question_may_read_is_refused()
    {
        await using var service = await ServiceProcess.StartAsync(
            typeof(Metrics.Storage.LedgerStore).Assembly, "metricsdb", ("Ledger__MaxTouchesOfQuestion", "2"));
        var metrics = new MetricsService.MetricsServiceClient(service.Channel);
        await TouchAsync(2);
        var answer = await metrics.GetAttributionAsync(new(), As);
        await TouchAsync(1);

        var refused = await GrpcAssert.FailsAsync(metrics.GetAttributionAsync(new(), As));

        Assert.Equal(0, answer.WinCount);
        Assert.Equal((StatusCode.ResourceExhausted, "TOUCHES_TOO_MANY"), (refused.Code, refused.Reason));

        async Task TouchAsync(int count)
        {
            await using var insert = service.Admin.CreateCommand("""
                INSERT INTO touchpoints (tenant_id, recorded_at, touchpoint_id, lead_id, occurred_at, channel)
                SELECT $1, now(), gen_random_uuid(), gen_random_uuid(), now(), 'ads' FROM generate_series(1, $2)
                """);
            insert.Parameters.Add(new() { Value = _tenant });
            insert.Parameters.Add(new() { Value = count });
            await insert.ExecuteNonQueryAsync(Cancelled);
        }
    }

    [Fact]
    public async Task A_tenant_of_more_journeys_than_fit_into_memory_is_refused_by_questions_and_streams()
    {
        await using var service = await ServiceProcess.StartAsync(
            typeof(Metrics.Storage.LedgerStore).Assembly, "metricsdb", ("Ledger__MaxJourneysInMemory", "1000"));
        var metrics = new MetricsService.MetricsServiceClient(service.Channel);
        await using var insert = service.Admin.CreateCommand("""
            INSERT INTO transitions (tenant_id, transition_id, lead_id, journey_id, to_stage, occurred_at, recorded_at, source_seq, origin, actor, reason)
            SELECT $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 0, now(), now(), 1, 0, '', '' FROM generate_series(1, 1001)
            """);
        insert.Parameters.Add(new() { Value = _tenant });
        await insert.ExecuteNonQueryAsync(Cancelled);

        var question = await GrpcAssert.FailsAsync(metrics.GetWaterfallAsync(new(), As));
        using var call = metrics.StreamWaterfall(new() { Waterfall = new() }, As);
        var stream = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancelled)));

        Assert.All([question, stream], refused =>
        {
            Assert.Equal((StatusCode.ResourceExhausted, "JOURNEYS_TOO_MANY", "1000"), (refused.Code, refused.Reason, refused.Metadata["limit"]));
            Assert.Contains("Ledger__MaxJourneysInMemory", refused.Message, StringComparison.Ordinal);
            Assert.Contains("ExportTransitions", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Who_waits_comes_next_and_who_goes_away_makes_room()
    {
        using var turns = new QuestionTurns(new() { MaxAtOnce = 1, MaxWaiting = 1 });
        var first = await turns.TakeAsync("acme", Cancelled);
        using var goes = new CancellationTokenSource();
        var away = turns.TakeAsync("acme", goes.Token);
        await Assert.ThrowsAsync<RpcException>(() => turns.TakeAsync("acme", Cancelled));

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => away);
        var waits = turns.TakeAsync("acme", Cancelled);
        await Assert.ThrowsAsync<RpcException>(() => turns.TakeAsync("acme", Cancelled));
        Assert.False(waits.IsCompleted);
        first.Dispose();

        (await waits).Dispose();
        (await turns.TakeAsync("acme", Cancelled)).Dispose();
    }

    [Fact]
    public async Task A_tenant_with_many_slow_questions_leaves_room_for_another()
    {
        using var turns = new QuestionTurns(new() { MaxAtOnce = 4, MaxWaiting = 2 });
        await turns.TakeAsync("acme", Cancelled);
        await turns.TakeAsync("acme", Cancelled);
        var third = turns.TakeAsync("acme", Cancelled);
        await Assert.ThrowsAsync<RpcException>(() => turns.TakeAsync("acme", Cancelled));

        await turns.TakeAsync("other", Cancelled);
        var last = await turns.TakeAsync("other", Cancelled);
        var fourth = turns.TakeAsync("third", Cancelled); // all are taken

        Assert.False(third.IsCompleted || fourth.IsCompleted);
        last.Dispose();
        await fourth;
        Assert.False(third.IsCompleted);
    }
}
