using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using Npgsql;

namespace L2R.Owners;

/// <summary>Knows which rows were taken in before.</summary>
static class ImportJournal
{
    static readonly ImportedKeys Keys = new("imported_transitions", "transition_id");

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
        var fresh = await Keys.ClaimAsync(transaction, tenant, [.. firsts.Values.Where(row => row.To is not null).Select(Known)], cancellationToken);
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

    static async Task<IReadOnlyList<ImportedRow>> CompareAsync(
        NpgsqlTransaction transaction,
        string tenant,
        bool correct,
        IReadOnlyList<ImportedRow> known,
        ImportTransitionsResponse report,
        CancellationToken cancellationToken)
    {
        var stored = await Keys.FindAsync(transaction, tenant, known.Select(row => row.KeyId), cancellationToken);
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
                corrections.Add(row with { TransitionId = TransitionId.OfCorrection(before.Id, row.Content), Supersedes = before.Id });
            }
            else
            {
                report.Rejects.Add(ImportReader.Reject(row.Line, "KEY_REUSED",
                    "this source_key and source_seq were imported before with other content: import with correct to supersede that row"));
            }
        }
        report.CorrectedCount += corrections.Count;
        await Keys.CorrectAsync(transaction, tenant, [.. corrections.Select(Known)], cancellationToken);
        return corrections;
    }

    static ImportedKey Known(ImportedRow row) => new(row.KeyId, row.TransitionId, row.Content);
}
