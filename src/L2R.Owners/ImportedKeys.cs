using Npgsql;

namespace L2R.Owners;

/// <param name="Key">Of the source's key and number.</param>
/// <param name="Id">What the row became.</param>
/// <param name="Content">Its hash: the same key with the same content is the same row.</param>
public readonly record struct ImportedKey(Guid Key, Guid Id, Guid Content);

/// <summary>All SQL on a table that remembers which rows were imported before.</summary>
/// <param name="table">Has tenant_id, key_id, content and <paramref name="id"/>; its key is tenant_id, key_id.</param>
/// <param name="id">The column of <see cref="ImportedKey.Id"/>.</param>
public sealed class ImportedKeys(string table, string id)
{
    // In key order: two imports of the same file then wait for each other instead of deadlocking.
    readonly string _claimSql = $"""
        INSERT INTO {table} (tenant_id, key_id, {id}, content)
        SELECT @tenant, key_id, id, content
        FROM unnest(@keys, @ids, @contents) AS batch (key_id, id, content)
        ORDER BY key_id
        ON CONFLICT DO NOTHING
        RETURNING key_id
        """;

    readonly string _findSql = $"""
        SELECT key_id, {id}, content
        FROM {table}
        WHERE tenant_id = @tenant AND key_id = ANY(@keys)
        ORDER BY key_id
        FOR UPDATE
        """;

    readonly string _correctSql = $"""
        UPDATE {table} i
        SET {id} = batch.id, content = batch.content
        FROM unnest(@keys, @ids, @contents) AS batch (key_id, id, content)
        WHERE i.tenant_id = @tenant AND i.key_id = batch.key_id
        """;

    /// <summary>Remembers what is new.</summary>
    /// <param name="rows">Each key once.</param>
    /// <returns>The keys that were.</returns>
    public async Task<HashSet<Guid>> ClaimAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedKey> rows, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, _claimSql, tenant, rows);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var inserted = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            inserted.Add(reader.GetGuid(0));
        }
        return inserted;
    }

    /// <summary>What is remembered of some keys, which nobody else changes until the transaction ends.</summary>
    public async Task<Dictionary<Guid, ImportedKey>> FindAsync(NpgsqlTransaction transaction, string tenant, IEnumerable<Guid> keys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_findSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("keys", [.. keys]) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, ImportedKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0), new(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2)));
        }
        return found;
    }

    /// <summary>Remembers other content of known keys.</summary>
    public async Task CorrectAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedKey> rows, CancellationToken cancellationToken)
    {
        if (rows.Count > 0)
        {
            await using var command = Command(transaction, _correctSql, tenant, rows);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, IReadOnlyList<ImportedKey> rows) =>
        new(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("keys", [.. rows.Select(row => row.Key)]),
                new NpgsqlParameter<Guid[]>("ids", [.. rows.Select(row => row.Id)]),
                new NpgsqlParameter<Guid[]>("contents", [.. rows.Select(row => row.Content)]),
            },
        };
}
