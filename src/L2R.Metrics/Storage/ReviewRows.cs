using Google.Protobuf;
using L2R.Metrics.Api;
using L2R.Metrics.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>Between reviews and their rows.</summary>
static class ReviewRows
{
    public const string SelectSql = """
        SELECT review_id, trigger_id, display_name, owner, previous_id, open_time, due_date, due_time, agenda::text, decision, trade_off,
            next_review_date, close_time, closer, version
        FROM reviews
        WHERE tenant_id = @tenant
        """;

    public const string FindSql = $"{SelectSql} AND review_id = @id";

    public const string LockSql = $"{FindSql} FOR UPDATE";

    public const string LockOpenSql = $"{SelectSql} AND trigger_id = @id AND close_time IS NULL FOR UPDATE";

    const string WriteSql = """
        INSERT INTO reviews (tenant_id, review_id, trigger_id, display_name, owner, previous_id, open_time, due_date, due_time, agenda, decision,
            trade_off, next_review_date, close_time, closer, version)
        VALUES (@tenant, @review_id, @trigger_id, @display_name, @owner, @previous_id, @open_time, @due_date, @due_time, @agenda, @decision,
            @trade_off, @next_review_date, @close_time, @closer, @version)
        ON CONFLICT (tenant_id, review_id) DO UPDATE
        SET due_date = EXCLUDED.due_date, due_time = EXCLUDED.due_time, agenda = EXCLUDED.agenda, decision = EXCLUDED.decision,
            trade_off = EXCLUDED.trade_off, next_review_date = EXCLUDED.next_review_date, close_time = EXCLUDED.close_time, closer = EXCLUDED.closer,
            version = EXCLUDED.version
        """;

    /// <param name="sql">One of those above.</param>
    /// <param name="id">Of the review; of the trigger for <see cref="LockOpenSql"/>.</param>
    public static async Task<Review?> FindAsync(NpgsqlTransaction transaction, string sql, string tenant, Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, sql, cancellationToken, new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("id", id))).SingleOrDefault();

    public static async Task<IReadOnlyList<Review>> ReadAsync(
        NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var reviews = new List<Review>();
        while (await reader.ReadAsync(cancellationToken))
        {
            reviews.Add(Read(reader));
        }
        return reviews;
    }

    public static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Review review, CancellationToken cancellationToken)
    {
        var agenda = new V1.Review { Agenda = { review.Agenda.Select(ReviewMapping.ToProto) } };
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("review_id", review.Id),
                new NpgsqlParameter<Guid>("trigger_id", review.TriggerId),
                new NpgsqlParameter<string>("display_name", review.DisplayName),
                new NpgsqlParameter<string>("owner", review.Owner),
                TargetRows.Nullable("previous_id", NpgsqlDbType.Uuid, review.Previous),
                new NpgsqlParameter<DateTimeOffset>("open_time", review.OpenTime),
                new NpgsqlParameter<DateOnly>("due_date", review.DueDate),
                new NpgsqlParameter<DateTimeOffset>("due_time", review.DueTime),
                new NpgsqlParameter("agenda", NpgsqlDbType.Jsonb) { Value = JsonFormatter.Default.Format(agenda) },
                TargetRows.Nullable("decision", NpgsqlDbType.Text, review.Decision?.Text),
                TargetRows.Nullable("trade_off", NpgsqlDbType.Text, review.Decision?.TradeOff),
                TargetRows.Nullable("next_review_date", NpgsqlDbType.Date, review.Decision?.NextReviewDate),
                TargetRows.Nullable("close_time", NpgsqlDbType.TimestampTz, review.Decision?.Time),
                TargetRows.Nullable("closer", NpgsqlDbType.Text, review.Decision?.Actor),
                new NpgsqlParameter<long>("version", review.Version),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static Review Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        TriggerId = reader.GetGuid(1),
        DisplayName = reader.GetString(2),
        Owner = reader.GetString(3),
        Previous = reader.IsDBNull(4) ? null : reader.GetGuid(4),
        OpenTime = reader.GetFieldValue<DateTimeOffset>(5),
        DueDate = reader.GetFieldValue<DateOnly>(6),
        DueTime = reader.GetFieldValue<DateTimeOffset>(7),
        Agenda = [.. V1.Review.Parser.ParseJson(reader.GetString(8)).Agenda.Select(ReviewMapping.ToItem)],
        Decision = reader.IsDBNull(9) ? null : new Decision(
            reader.GetString(9), reader.GetString(10), reader.GetFieldValue<DateOnly>(11), reader.GetFieldValue<DateTimeOffset>(12), reader.GetString(13)),
        Version = reader.GetInt64(14),
    };
}
