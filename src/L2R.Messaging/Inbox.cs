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

    /// <summary>Claims a message for a consumer, as the first statement of the transaction that also stores the message's effect.</summary>
    /// <remarks>
    /// When it has run, <see cref="IsClaimed"/> tells. Two deliveries at once: the second waits here for the first to commit or
    /// roll back, then gets false or true. So there is no window in which both go on.
    /// </remarks>
    public static NpgsqlBatchCommand Claim(Guid messageId, string consumer) => new(ClaimSql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid>("message_id", messageId),
            new NpgsqlParameter<string>("consumer", consumer),
        },
    };

    /// <returns>False when the effect of this message is already stored: the consumer has nothing to do.</returns>
    public static bool IsClaimed(NpgsqlBatchCommand claim) => claim.RecordsAffected == 1;
}
