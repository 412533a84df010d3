using L2R.Metrics.Domain;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>What is known of leads that changed after they came in.</summary>
static class LeadVersions
{
    const string AppendSql = $"""
        INSERT INTO lead_versions (tenant_id, lead_id, version, segment, region, custom, recorded_at)
        SELECT @tenant, batch.*, {LedgerStore.StampSql}
        FROM unnest(@lead_ids, @versions, @segments, @regions, @customs) AS batch
        ON CONFLICT DO NOTHING
        """;

    const string ReadAllSql = """
        SELECT DISTINCT ON (lead_id) lead_id, version, segment, region, recorded_at, custom
        FROM lead_versions
        WHERE tenant_id = @tenant AND recorded_at <= @known_at
        ORDER BY lead_id, version DESC
        """;

    const string ReadSomeSql = """
        SELECT newest.*
        FROM unnest(@leads) AS asked (lead_id)
        CROSS JOIN LATERAL (
            SELECT lead_id, version, segment, region, recorded_at, custom
            FROM lead_versions
            WHERE tenant_id = @tenant AND recorded_at <= @known_at AND lead_versions.lead_id = asked.lead_id
            ORDER BY version DESC
            LIMIT 1) AS newest
        """;

    /// <summary>Appends versions in the transaction of the message that brought them, stamped as rows of the ledger are.</summary>
    public static async Task AppendAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<LeadVersion> versions, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(LedgerStore.Share(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AppendSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. versions.Select(lead => lead.LeadId)]),
                new NpgsqlParameter<long[]>("versions", [.. versions.Select(lead => lead.Version)]),
                new NpgsqlParameter<string?[]>("segments", [.. versions.Select(lead => lead.Segment)]),
                new NpgsqlParameter<string?[]>("regions", [.. versions.Select(lead => lead.Region)]),
                CustomJson.Parameter([.. versions.Select(lead => lead.Custom)]),
            },
        });
        batch.AddNames(tenant, versions.Select(lead => lead.Custom));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="leads">Null: all of them.</param>
    /// <returns>By lead, the newest version that was known at K and when the ledger learnt of it; without the leads that never changed.</returns>
    public static async Task<IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)>> ReadAsync(
        NpgsqlTransaction transaction, string tenant, Guid[]? leads, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(leads is null ? ReadAllSql : ReadSomeSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
            },
        };
        if (leads is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid[]>("leads", leads));
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var versions = new Dictionary<Guid, (LeadVersion, DateTimeOffset)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var version = new LeadVersion(reader.GetGuid(0), reader.GetInt64(1), LedgerRows.Text(reader, 2), LedgerRows.Text(reader, 3))
            {
                Custom = CustomJson.Read(reader, 5),
            };
            versions.Add(version.LeadId, (version, reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return versions;
    }
}
