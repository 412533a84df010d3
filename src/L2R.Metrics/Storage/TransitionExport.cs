using System.Runtime.CompilerServices;
using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>Reads a tenant's whole ledger for somebody who takes his time.</summary>
sealed class TransitionExport(NpgsqlDataSource dataSource) : IDisposable
{
    // Each holds a connection for as long as its caller reads, of the 32 that the process has for all questions.
    const int MostAtATime = 4;

    readonly SemaphoreSlim _free = new(MostAtATime);

    // The server sorts, on its disk where need be.
    const string Sql = $"SELECT {LedgerRows.Columns} FROM transitions WHERE tenant_id = @tenant AND recorded_at <= @known_at ORDER BY lead_id";

    /// <summary>The rows of one lead after the other, by the leads' ids. Holds those of one lead at a time.</summary>
    /// <param name="knownAt">Rows that were recorded later are left out.</param>
    public async IAsyncEnumerable<IReadOnlyList<Transition>> ReadLeadsAsync(
        string tenant, DateTimeOffset knownAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
            await using var command = new NpgsqlCommand(Sql, connection, transaction)
            {
                CommandTimeout = 0, // the first row comes after the sort
                Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var isRead = false;
            try
            {
                var lead = new List<Transition>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    var row = LedgerRows.Read(reader);
                    if (lead.Count > 0 && lead[0].LeadId != row.LeadId)
                    {
                        yield return lead;
                        lead = [];
                    }
                    lead.Add(row);
                }
                isRead = true;
                if (lead.Count > 0)
                {
                    yield return lead;
                }
            }
            finally
            {
                if (!isRead)
                {
                    command.Cancel(); // else closing the reader would read all that is left
                }
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
