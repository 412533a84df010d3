using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using Npgsql;

namespace L2R.Owners;

/// <summary>Knows which rows were taken in before.</summary>
static class ImportJournal
{
    // In key order: two imports of the same file then wait for each other instead of deadlocking.
    const string ClaimSql = """
        INSERT INTO imported_transitions (tenant_id, key_id, transition_id, content)
        SELECT @tenant, key_id, transition_id, content
        FROM unnest(@keys, @transitions, @contents) AS batch (key_id, transition_id, content)
        ORDER BY key_id
        ON CONFLICT DO NOTHING
        RETURNING key_id
        """;

    const string FindSql = """
        SELECT key_id, transition_id, content
        FROM imported_transitions
        WHERE tenant_id = @tenant AND key_id = ANY(@keys)
        ORDER BY key_id
        FOR UPDATE
        """;

    const string CorrectSql = """
        UPDATE imported_transitions i
        SET transition_id = batch.transition_id, content = batch.content
        FROM unnest(@keys, @transitions, @contents) AS batch (key_id, transition_id, content)
        WHERE i.tenant_id = @tenant AND i.key_id = batch.key_id
        """;

    /// <summary>Sorts the rows into new, unchanged, corrected and refused, and remembers the new and corrected ones.</summary>
    /// <remarks>
    /// An import that corrects may bring a key that was another owner's, which nobody here can know: its row then gets an id of its own
    /// and supersedes the key's first row. The ledger would take it for that first row otherwise, and drop it.
    /// </remarks>
    /// <returns>The rows to store, those that correct others with <see cref="ImportedRow.Supersedes"/>.</returns>
    public static async Task<IReadOnlyList<ImportedRow>> ClaimAsync(
        NpgsqlTransaction transaction,
        string tenant,
        Owner owner,
        bool correct,
        IReadOnlyList<ImportedRow> rows,
        ImportTransitionsResponse report,
        CancellationToken cancellationToken)
    {
        var firsts = new Dictionary<Guid, ImportedRow>();
        foreach (var row in rows)
        {
            if (!firsts.TryAdd(row.KeyId, correct ? TakeOver(row, owner) : row))
            {
                Repeat(row, firsts[row.KeyId], report);
            }
        }
        var fresh = await InsertAsync(transaction, tenant, [.. firsts.Values.Where(row => row.To is not null)], cancellationToken);
        report.StoredCount += fresh.Count;

        var known = firsts.Values.Where(row => !fresh.Contains(row.KeyId)).ToList();
        var corrections = known.Count == 0 ? [] : await CompareAsync(transaction, tenant, correct, known, report, cancellationToken);
        var byKey = corrections.ToDictionary(row => row.KeyId);
        return
        [
            .. from row in firsts.Values // in the order of the batch
               let corrected = byKey.GetValueOrDefault(row.KeyId)
               where corrected is not null || fresh.Contains(row.KeyId)
               select corrected ?? row,
        ];
    }

    static ImportedRow TakeOver(ImportedRow row, Owner owner) =>
        row with { TransitionId = TransitionId.OfTakeOver(row.KeyId, owner, row.Content), Supersedes = row.KeyId };

    static void Repeat(ImportedRow row, ImportedRow first, ImportTransitionsResponse report)
    {
        if (row.Content == first.Content)
        {
            report.UnchangedCount++;
        }
        else
        {
            report.Rejects.Add(ImportReader.Reject(row.Line, "KEY_REUSED",
                $"line {first.Line} has the same source_key and source_seq, and other content: number the rows of a journey apart"));
        }
    }

    static async Task<HashSet<Guid>> InsertAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ClaimSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("keys", [.. rows.Select(row => row.KeyId)]),
                new NpgsqlParameter<Guid[]>("transitions", [.. rows.Select(row => row.TransitionId)]),
                new NpgsqlParameter<Guid[]>("contents", [.. rows.Select(row => row.Content)]),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var inserted = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            inserted.Add(reader.GetGuid(0));
        }
        return inserted;
    }

    static async Task<IReadOnlyList<ImportedRow>> CompareAsync(
        NpgsqlTransaction transaction,
        string tenant,
        bool correct,
        IReadOnlyList<ImportedRow> known,
        ImportTransitionsResponse report,
        CancellationToken cancellationToken)
    {
        var stored = await FindAsync(transaction, tenant, known, cancellationToken);
        var corrections = new List<ImportedRow>();
        foreach (var row in known)
        {
            if (!stored.TryGetValue(row.KeyId, out var before))
            {
                report.Rejects.Add(ImportReader.Reject(row.Line, "KEY_UNKNOWN", "this service has no row of this key to withdraw"));
            }
            else if (before.Content == row.Content)
            {
                report.UnchangedCount++;
            }
            else if (correct)
            {
                corrections.Add(row with { TransitionId = TransitionId.OfCorrection(before.TransitionId, row.Content), Supersedes = before.TransitionId });
            }
            else
            {
                report.Rejects.Add(ImportReader.Reject(row.Line, "KEY_REUSED",
                    "this source_key and source_seq were imported before with other content: import with correct to supersede that row"));
            }
        }
        report.CorrectedCount += corrections.Count;
        if (corrections.Count > 0)
        {
            await using var command = new NpgsqlCommand(CorrectSql, transaction.Connection, transaction)
            {
                Parameters =
                {
                    new NpgsqlParameter<string>("tenant", tenant),
                    new NpgsqlParameter<Guid[]>("keys", [.. corrections.Select(row => row.KeyId)]),
                    new NpgsqlParameter<Guid[]>("transitions", [.. corrections.Select(row => row.TransitionId)]),
                    new NpgsqlParameter<Guid[]>("contents", [.. corrections.Select(row => row.Content)]),
                },
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        return corrections;
    }

    static async Task<Dictionary<Guid, (Guid TransitionId, Guid Content)>> FindAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("keys", [.. rows.Select(row => row.KeyId)]),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, (Guid, Guid)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0), (reader.GetGuid(1), reader.GetGuid(2)));
        }
        return found;
    }
}
