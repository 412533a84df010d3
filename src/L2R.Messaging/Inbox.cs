using Npgsql;

namespace L2R.Messaging;

/// <summary>Makes a consumer's effect happen once, however often its message is delivered.</summary>
public static class Inbox
{
    const string ClaimSql = """
        INSERT INTO inbox (message_id, consumer)
        VALUES (@message_id, @consumer)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Claims a message for a consumer, in the transaction that also stores the message's effect.</summary>
    /// <returns>False when the effect of this message is already stored: the consumer has nothing to do.</returns>
    /// <remarks>
    /// Two deliveries at once: the second waits here for the first to commit or roll back, then
    /// gets false or true. So there is no window in which both go on.
    /// </remarks>
    public static async Task<bool> TryClaimAsync(
        NpgsqlTransaction transaction, Guid messageId, string consumer, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ClaimSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid>("message_id", messageId),
                new NpgsqlParameter<string>("consumer", consumer),
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
