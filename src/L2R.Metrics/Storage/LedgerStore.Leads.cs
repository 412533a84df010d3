using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

sealed partial class LedgerStore
{
    const string ReadAllSql = $"SELECT {LedgerRows.Columns} FROM transitions WHERE tenant_id = @tenant AND recorded_at <= @known_at ORDER BY lead_id";

    /// <summary>Reads every row of the tenant, lead after lead, and keeps none of them.</summary>
    /// <param name="knownAt">Rows that were recorded later are left out.</param>
    /// <param name="earlier">At most <paramref name="knownAt"/>: what was known of the lead then is asked for too.</param>
    /// <param name="visit">Called with each lead's rows, and what Intake had said of it by the earlier instant and by the other.</param>
    public async Task VisitLeadsAsync(
        string tenant,
        DateTimeOffset knownAt,
        DateTimeOffset earlier,
        Action<IReadOnlyList<Transition>, LeadVersion?, LeadVersion?> visit,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var versions = await LeadVersions.ReadAsync(transaction, tenant, leads: null, knownAt, cancellationToken);
        var earlierVersions = earlier == knownAt ? versions : await LeadVersions.ReadAsync(transaction, tenant, leads: null, earlier, cancellationToken);
        await using var command = new NpgsqlCommand(ReadAllSql, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lead = new List<Transition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = LedgerRows.Read(reader);
            if (lead.Count > 0 && lead[0].LeadId != row.LeadId)
            {
                Visit();
            }
            lead.Add(row);
        }
        if (lead.Count > 0)
        {
            Visit();
        }

        void Visit()
        {
            visit(lead, earlierVersions.GetValueOrDefault(lead[0].LeadId).Lead, versions.GetValueOrDefault(lead[0].LeadId).Lead);
            lead = [];
        }
    }
}
