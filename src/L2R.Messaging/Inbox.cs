using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Messaging;

/// <summary>Makes a consumer's effect happen once, however often its message is delivered.</summary>
public sealed class Inbox(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string ClaimSql = """
        INSERT INTO inbox (message_id, consumer)
        VALUES (@message_id, @consumer)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Runs the effect in a transaction of the tenant that also remembers the message, unless it was handled before.</summary>
    /// <param name="eventId">The event's own id, a UUID.</param>
    /// <param name="effect">What the message changes; true when it wrote events, which are then sent at once.</param>
    /// <remarks>
    /// Two deliveries at once: the second waits for the first to commit, and does nothing, or to roll back, and takes its place. So
    /// there is no window in which both go on. What the effect throws goes to the endpoint, which tries again and at last moves the
    /// message to the error queue: a consumer that catches it acknowledges a message whose effect was never stored.
    /// </remarks>
    public async Task HandleOnceAsync(
        IConsumer consumer, string eventId, string tenant, Func<NpgsqlTransaction, Task<bool>> effect, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = new NpgsqlBatchCommand(ClaimSql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid>("message_id", Guid.Parse(eventId)),
                new NpgsqlParameter<string>("consumer", consumer.GetType().Name),
            },
        };
        await using var transaction = await connection.BeginTenantAsync(tenant, claim, cancellationToken);
        if (claim.RecordsAffected == 0)
        {
            return; // handled before
        }
        var tells = await effect(transaction);
        await transaction.CommitAsync(cancellationToken);
        if (tells)
        {
            signal.Ring();
        }
    }
}
