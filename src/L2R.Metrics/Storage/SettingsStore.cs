using System.Text.Json;
using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>What became of a change to the settings.</summary>
abstract record SettingsOutcome
{
    SettingsOutcome() { }

    public sealed record Done(ReportingSettings Settings) : SettingsOutcome;

    public sealed record EtagStale : SettingsOutcome;

    public sealed record RequestIdReused : SettingsOutcome;
}

/// <summary>How each tenant reports.</summary>
sealed class SettingsStore(NpgsqlDataSource dataSource)
{
    const string FindSql = """
        SELECT time_zone, currency_code, fiscal_start_month, update_time, version, custom_dimensions, out_of_scope_rules
        FROM settings
        WHERE tenant_id = @tenant
        """;

    const string NamesSql = "SELECT name FROM custom_dimension_names WHERE tenant_id = @tenant";

    const string WriteSql = """
        INSERT INTO settings (tenant_id, time_zone, currency_code, fiscal_start_month, update_time, version, custom_dimensions, out_of_scope_rules)
        VALUES (@tenant, @time_zone, @currency_code, @fiscal_start_month, @update_time, @version, @custom_dimensions, @out_of_scope_rules)
        ON CONFLICT (tenant_id) DO UPDATE
        SET time_zone = EXCLUDED.time_zone, currency_code = EXCLUDED.currency_code, fiscal_start_month = EXCLUDED.fiscal_start_month,
            update_time = EXCLUDED.update_time, version = EXCLUDED.version, custom_dimensions = EXCLUDED.custom_dimensions,
            out_of_scope_rules = EXCLUDED.out_of_scope_rules
        WHERE settings.version = EXCLUDED.version - 1
        """;

    public async Task<ReportingSettings> FindAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await FindAsync(transaction, tenant, FindSql, cancellationToken);
    }

    /// <summary>Changes how a tenant reports. Where it is so already, nothing is written.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    public async Task<SettingsOutcome> UpdateAsync(
        string tenant,
        long? version,
        Guid? requestId,
        byte[] fingerprint,
        Func<ReportingSettings, ReportingSettings> change,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, Guid.Empty, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new SettingsOutcome.RequestIdReused();
        }
        var before = await FindAsync(transaction, tenant, $"{FindSql} FOR UPDATE", cancellationToken);
        if (claim is RequestClaim.Replayed)
        {
            return new SettingsOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new SettingsOutcome.EtagStale();
        }
        var after = change(before);
        if (after == before)
        {
            await transaction.CommitAsync(cancellationToken); // of the request id alone
            return new SettingsOutcome.Done(before);
        }
        after = after with { UpdateTime = now, Version = before.Version + 1 };
        await using var write = new NpgsqlCommand(WriteSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<string>("time_zone", after.TimeZone),
                new NpgsqlParameter<string>("currency_code", after.CurrencyCode),
                new NpgsqlParameter<short>("fiscal_start_month", (short)after.FiscalStartMonth),
                new NpgsqlParameter<DateTimeOffset>("update_time", now),
                new NpgsqlParameter<long>("version", after.Version),
                new NpgsqlParameter("custom_dimensions", NpgsqlDbType.Jsonb) { Value = JsonSerializer.Serialize(after.Custom.Declared) },
                new NpgsqlParameter("out_of_scope_rules", NpgsqlDbType.Jsonb) { Value = OutOfScopeJson.Write(after.OutOfScope) },
            },
        };
        if (await write.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return new SettingsOutcome.EtagStale(); // another first change was faster
        }
        await transaction.CommitAsync(cancellationToken);
        return new SettingsOutcome.Done(after);
    }

    static async Task<ReportingSettings> FindAsync(NpgsqlTransaction transaction, string tenant, string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new(sql) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } },
                new(NamesSql) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var (settings, declared, outOfScope) = await reader.ReadAsync(cancellationToken)
            ? (
                new ReportingSettings(
                    reader.GetString(0), reader.GetString(1), reader.GetInt16(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4)),
                JsonSerializer.Deserialize<Dictionary<string, DimensionKind>>(reader.GetString(5))!,
                reader.GetString(6))
            : (ReportingSettings.Default, [], "[]");
        List<string> found = [];
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }
        var custom = declared.Count + found.Count == 0 ? CustomDimensions.None : new CustomDimensions(declared, found);
        return settings with { Custom = custom, OutOfScope = OutOfScopeJson.Read(outOfScope, custom) };
    }
}
