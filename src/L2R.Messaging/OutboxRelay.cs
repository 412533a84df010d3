using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Messaging;

/// <summary>Moves committed events from the outbox to the broker, oldest first, at least once.</summary>
/// <remarks>
/// A batch is locked, sent, deleted and committed in one transaction. A crash after sending and before
/// the commit sends the batch again, which is why consumers use <see cref="Inbox"/>.
/// Rows are found by their presence, not by "sequence greater than the last one": sequences commit out
/// of order, and a watermark would step over a row that a slow transaction commits late.
/// SKIP LOCKED lets several replicas share the work; the price is that order holds within a batch only.
/// An event that can never be sent goes to <c>outbox_dead</c> instead of stopping those behind it.
/// </remarks>
public sealed partial class OutboxRelay(
    NpgsqlDataSource dataSource,
    IEventPublisher publisher,
    OutboxSignal signal,
    MessagingMetrics metrics,
    RelayProgress progress,
    IOptions<OutboxOptions> options,
    TimeProvider clock,
    ILogger<OutboxRelay> logger) : BackgroundService
{
    // Without a wait for the disk: what a crash brings back is sent again, as after any other crash between sending and commit.
    const string LazySql = "SELECT set_config('synchronous_commit', 'off', true)";

    const string LockBatchSql = """
        SELECT sequence, event_id, event_type, routing_key, payload, trace_parent
        FROM outbox
        ORDER BY sequence
        LIMIT @batch_size
        FOR UPDATE SKIP LOCKED
        """;

    const string DeleteSql = "DELETE FROM outbox WHERE sequence = ANY(@sequences)";

    const string BurySql = """
        INSERT INTO outbox_dead (sequence, event_id, event_type, routing_key, payload, trace_parent, create_time, error)
        SELECT o.sequence, o.event_id, o.event_type, o.routing_key, o.payload, o.trace_parent, o.create_time, dead.error
        FROM unnest(@sequences, @errors) AS dead (sequence, error)
        JOIN outbox o ON o.sequence = dead.sequence
        """;

    const string LagSql = "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(create_time)), 0)::float8, count(*) FROM outbox";

    static readonly TimeSpan LagInterval = TimeSpan.FromSeconds(5);

    readonly OutboxOptions _options = options.Value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RelayAsync(stoppingToken), MeasureAsync(stoppingToken));

    async Task RelayAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var relayed = 0;
            try
            {
                await publisher.WaitUntilReadyAsync(stoppingToken);
                relayed = await RelayBatchAsync(stoppingToken);
                progress.Succeeded();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                progress.Failed(exception);
                LogBatchFailed(exception);
                await Task.Delay(_options.PollInterval, clock, stoppingToken);
            }

            if (relayed < _options.BatchSize)
            {
                await signal.WaitAsync(_options.PollInterval, stoppingToken);
            }
        }
    }

    /// <summary>Measures what waits, beside the relay: it matters most while nothing can be sent.</summary>
    async Task MeasureAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LagInterval, clock);
        do
        {
            try
            {
                await MeasureLagAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogNotMeasured(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>How many events left the outbox. Less than the batch size: it is empty for now.</returns>
    public async Task<int> RelayBatchAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var batch = await LockBatchAsync(transaction, cancellationToken);
        if (batch.Count == 0)
        {
            return 0;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.ConfirmTimeout);
        // Pipelined: awaiting each publish costs five times as much.
        var errors = await Task.WhenAll(batch.Select(row => TryPublishAsync(row.Event, timeout.Token)));

        var dead = batch.Zip(errors).Where(pair => pair.Second is not null).ToList();
        if (dead.Count > 0)
        {
            await using var bury = new NpgsqlCommand(BurySql, connection, transaction)
            {
                Parameters =
                {
                    new NpgsqlParameter<long[]>("sequences", [.. dead.Select(pair => pair.First.Sequence)]),
                    new NpgsqlParameter<string[]>("errors", [.. dead.Select(pair => pair.Second!)]),
                },
            };
            await bury.ExecuteNonQueryAsync(cancellationToken);
            LogBuried(dead.Count, dead[0].Second!);
        }

        await using var delete = new NpgsqlCommand(DeleteSql, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<long[]>("sequences", [.. batch.Select(row => row.Sequence)]) },
        };
        await delete.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Relayed(batch.Count - dead.Count, dead.Count);
        return batch.Count;
    }

    async Task<string?> TryPublishAsync(OutboxEvent outboxEvent, CancellationToken cancellationToken)
    {
        try
        {
            await publisher.PublishAsync(outboxEvent, cancellationToken);
            return null;
        }
        catch (UnpublishableEventException exception)
        {
            return exception.Message;
        }
    }

    async Task<List<(long Sequence, OutboxEvent Event)>> LockBatchAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LazySql),
                new NpgsqlBatchCommand(LockBatchSql)
                {
                    Parameters = { new NpgsqlParameter<int>("batch_size", NpgsqlDbType.Integer) { TypedValue = _options.BatchSize } },
                },
            },
        };
        await using var reader = await commands.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var batch = new List<(long, OutboxEvent)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            batch.Add((reader.GetInt64(0), new OutboxEvent(
                reader.GetGuid(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetFieldValue<byte[]>(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5))));
        }
        return batch;
    }

    async Task MeasureLagAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(LagSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        metrics.OutboxLag(TimeSpan.FromSeconds(reader.GetDouble(0)), reader.GetInt64(1));
    }

    [LoggerMessage(EventId = 100, EventName = "outbox.batch.failed", Level = LogLevel.Warning,
        Message = "A batch of the outbox could not be sent; it stays and is tried again.")]
    partial void LogBatchFailed(Exception exception);

    [LoggerMessage(EventId = 102, EventName = "outbox.unmeasured", Level = LogLevel.Debug, Message = "What waits in the outbox could not be measured.")]
    partial void LogNotMeasured(Exception exception);

    [LoggerMessage(EventId = 101, EventName = "outbox.buried", Level = LogLevel.Error,
        Message = "{Count} events can never be sent and went to outbox_dead. The first: {Error}")]
    partial void LogBuried(int count, string error);
}
