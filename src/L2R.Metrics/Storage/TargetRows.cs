using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>Between targets and their rows.</summary>
static class TargetRows
{
    const string ReadSql = """
        SELECT target_id, from_stage, to_stage, dimension, dimension_value, reach_count, period, ratio, median, horizon, effective_start,
            effective_end, create_time, update_time, version
        FROM targets
        WHERE tenant_id = @tenant
        ORDER BY create_time, target_id
        """;

    const string WriteSql = """
        INSERT INTO targets (tenant_id, target_id, from_stage, to_stage, dimension, dimension_value, reach_count, period, ratio, median, horizon,
            effective_start, effective_end, create_time, update_time, version)
        VALUES (@tenant, @target_id, @from_stage, @to_stage, @dimension, @dimension_value, @reach_count, @period, @ratio, @median, @horizon,
            @effective_start, @effective_end, @create_time, @update_time, @version)
        ON CONFLICT (tenant_id, target_id) DO UPDATE
        SET reach_count = EXCLUDED.reach_count, period = EXCLUDED.period, ratio = EXCLUDED.ratio, median = EXCLUDED.median, horizon = EXCLUDED.horizon,
            effective_start = EXCLUDED.effective_start, effective_end = EXCLUDED.effective_end, update_time = EXCLUDED.update_time,
            version = EXCLUDED.version
        """;

    public static async Task<IReadOnlyList<Target>> ReadAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var targets = new List<Target>();
        while (await reader.ReadAsync(cancellationToken))
        {
            targets.Add(Read(reader));
        }
        return targets;
    }

    public static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Target target, CancellationToken cancellationToken)
    {
        var details = target.Details;
        var (volume, conversion, velocity) = (details.Goal as Goal.Volume, details.Goal as Goal.Conversion, details.Goal as Goal.Velocity);
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("target_id", target.Id),
                new NpgsqlParameter<short>("from_stage", (short)details.Pair.From),
                new NpgsqlParameter<short>("to_stage", (short)details.Pair.To),
                Nullable("dimension", NpgsqlDbType.Text, details.Segment?.Dimension),
                Nullable("dimension_value", NpgsqlDbType.Text, details.Segment?.Value),
                Nullable("reach_count", NpgsqlDbType.Bigint, volume?.ReachCount),
                Nullable("period", NpgsqlDbType.Smallint, (short?)volume?.Period),
                Nullable("ratio", NpgsqlDbType.Double, conversion?.Ratio),
                Nullable("median", NpgsqlDbType.Interval, velocity?.Median),
                Nullable("horizon", NpgsqlDbType.Interval, conversion?.Horizon ?? velocity?.Horizon),
                new NpgsqlParameter<DateTimeOffset>("effective_start", details.From),
                Nullable("effective_end", NpgsqlDbType.TimestampTz, details.Until),
                new NpgsqlParameter<DateTimeOffset>("create_time", target.CreateTime),
                new NpgsqlParameter<DateTimeOffset>("update_time", target.UpdateTime),
                new NpgsqlParameter<long>("version", target.Version),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static NpgsqlParameter Nullable(string name, NpgsqlDbType type, object? value) => new(name, type) { Value = value ?? DBNull.Value };

    static Target Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Details = new TargetDetails(
            new Pair((Stage)reader.GetInt16(1), (Stage)reader.GetInt16(2)),
            reader.IsDBNull(3) ? null : new Segment(reader.GetString(3), reader.GetString(4)),
            ReadGoal(reader),
            reader.GetFieldValue<DateTimeOffset>(10),
            reader.GetFieldValue<DateTimeOffset?>(11)),
        CreateTime = reader.GetFieldValue<DateTimeOffset>(12),
        UpdateTime = reader.GetFieldValue<DateTimeOffset>(13),
        Version = reader.GetInt64(14),
    };

    static Goal ReadGoal(NpgsqlDataReader reader) =>
        !reader.IsDBNull(5) ? new Goal.Volume(reader.GetInt64(5), (PeriodKind)reader.GetInt16(6))
        : !reader.IsDBNull(7) ? new Goal.Conversion(reader.GetDouble(7), reader.GetFieldValue<TimeSpan>(9))
        : new Goal.Velocity(reader.GetFieldValue<TimeSpan>(8), reader.GetFieldValue<TimeSpan>(9));
}
