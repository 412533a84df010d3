using L2R.Ledger.Domain;
using L2R.Ledger.V1;

namespace L2R.Cli.Imports;

/// <summary>Frees the keys of an import that corrects from the owners that had them: a corrected row may be of another owner than before.</summary>
/// <remarks>
/// No owner knows what another has taken in. So every other owner is asked to withdraw each row first, which refuses what it never had;
/// whatever it gave up, the new owner gives up too, if it has it: so it stores that row anew, and not as one that was there before.
/// Each step may be done twice, and a run that is cut off in between loses nothing that the next one doesn't bring.
/// </remarks>
/// <param name="send">Sends one owner rows, and returns with every batch's acknowledgement.</param>
sealed class ImportRelease(ImportPlan plan, ImportRelease.Send send)
{
    readonly HashSet<long> _lines = [];

    public delegate Task Send(Owner owner, IReadOnlyList<ImportedTransition> rows, Action<ImportTransitionsRequest, ImportTransitionsResponse> onAck);

    /// <summary>The lines whose rows another owner has given up.</summary>
    public IReadOnlySet<long> Lines => _lines;

    public async Task RunAsync()
    {
        await Task.WhenAll(plan.Rows.Keys.Select(owner => send(owner, [.. OfOthers(owner).Select(Withdrawal)], Note)));
        await Task.WhenAll(plan.Rows.Select(rows => send(
            rows.Key, [.. rows.Value.Where(row => _lines.Contains(row.Line)).Select(Withdrawal)], (_, _) => { })));
    }

    IEnumerable<ImportedTransition> OfOthers(Owner owner) => plan.Rows.Where(rows => rows.Key != owner).SelectMany(rows => rows.Value);

    void Note(ImportTransitionsRequest batch, ImportTransitionsResponse ack)
    {
        if (ack.CorrectedCount == 0)
        {
            return; // none that it had, or none any more
        }
        lock (_lines)
        {
            _lines.UnionWith(batch.Transitions.Select(row => row.Line).Except(ack.Rejects.Select(reject => reject.Line)));
        }
    }

    static ImportedTransition Withdrawal(ImportedTransition row)
    {
        var withdrawal = row.Clone();
        withdrawal.To = L2R.Ledger.V1.Stage.Unspecified;
        return withdrawal;
    }
}
