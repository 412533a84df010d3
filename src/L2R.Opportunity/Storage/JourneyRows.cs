using L2R.Ledger.Domain;
using L2R.Opportunity.Domain;
using Npgsql;

namespace L2R.Opportunity.Storage;

/// <summary>All SQL on live journeys, in the caller's transaction.</summary>
static class JourneyRows
{
    const string InsertSql = """
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq)
        VALUES (@tenant, @journey_id, @lead_id, @stage, @stage_time, @stage_seq)
        ON CONFLICT DO NOTHING
        """;

    const string LockSql = """
        SELECT lead_id, stage, stage_time, stage_seq
        FROM journeys
        WHERE tenant_id = @tenant AND journey_id = @journey_id
        FOR UPDATE
        """;

    const string UpdateSql = """
        UPDATE journeys
        SET lead_id = @lead_id, stage = @stage, stage_time = @stage_time, stage_seq = @stage_seq
        WHERE tenant_id = @tenant AND journey_id = @journey_id
        """;

    /// <summary>Reads a journey that nobody else moves until the transaction ends.</summary>
    /// <returns>Null when nothing was heard of it yet.</returns>
    public static async Task<JourneyPosition?> LockAsync(NpgsqlTransaction transaction, string tenant, Guid journeyId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("journey_id", journeyId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new JourneyPosition(
                journeyId, reader.GetGuid(0), (Stage)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3))
            : null;
    }

    /// <summary>Writes a journey that was read with <see cref="LockAsync"/>.</summary>
    public static Task WriteAsync(NpgsqlTransaction transaction, string tenant, JourneyPosition journey, CancellationToken cancellationToken) =>
        ExecuteAsync(UpdateSql, transaction, tenant, journey, cancellationToken);

    /// <summary>Takes in where another service moved a journey. Old news changes nothing.</summary>
    public static async Task HearAsync(NpgsqlTransaction transaction, string tenant, JourneyPosition heard, CancellationToken cancellationToken)
    {
        // Insert first: of two that hear of a new journey at once, the second waits here, and then finds it.
        if (await ExecuteAsync(InsertSql, transaction, tenant, heard, cancellationToken) == 0
            && await LockAsync(transaction, tenant, heard.JourneyId, cancellationToken) is { } known
            && Deals.Hear(known, heard) is { } news)
        {
            await WriteAsync(transaction, tenant, news, cancellationToken);
        }
    }

    static async Task<int> ExecuteAsync(string sql, NpgsqlTransaction transaction, string tenant, JourneyPosition journey, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", journey.JourneyId),
                new NpgsqlParameter<Guid>("lead_id", journey.LeadId),
                new NpgsqlParameter<short>("stage", (short)journey.Stage),
                new NpgsqlParameter<DateTimeOffset>("stage_time", journey.OccurTime),
                new NpgsqlParameter<long>("stage_seq", journey.SourceSeq),
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
