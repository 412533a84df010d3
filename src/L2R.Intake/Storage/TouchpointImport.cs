using L2R.Intake.Api;
using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Owners;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Intake.Storage;

/// <summary>Takes in past touches: remembers which rows it had, and tells of the new and the corrected ones.</summary>
/// <remarks>A lead need not be there: its id comes of its key, so that touches and moves may be imported in either order.</remarks>
sealed class TouchpointImport(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
{
    static readonly ImportedKeys Keys = new("imported_touchpoints", "touchpoint_id");

    /// <summary>Stores one batch in one transaction.</summary>
    /// <param name="batch">As a whole in order.</param>
    public async Task<ImportTouchpointsResponse> StoreAsync(string tenant, ImportTouchpointsRequest batch, CancellationToken cancellationToken)
    {
        var now = clock.GetStorableNow();
        var report = new ImportTouchpointsResponse();
        var firsts = new Dictionary<Guid, ImportedTouch>();
        foreach (var (touch, reject) in batch.Touchpoints.Select(row => TouchpointImportReader.Read(tenant, batch.Source, row, now)))
        {
            if (touch is null)
            {
                report.Rejects.Add(reject);
            }
            else if (!firsts.TryAdd(touch.KeyId, touch))
            {
                Repeat(touch, firsts[touch.KeyId], report);
            }
        }
        if (firsts.Count == 0)
        {
            return report;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var fresh = await Keys.ClaimAsync(transaction, tenant, [.. firsts.Values.Select(Known)], cancellationToken);
        var known = await Keys.FindAsync(transaction, tenant, firsts.Keys.Except(fresh), cancellationToken);
        List<ImportedTouch> accepted = [];
        foreach (var touch in firsts.Values)
        {
            if (!known.TryGetValue(touch.KeyId, out var before))
            {
                report.StoredCount++;
                accepted.Add(touch);
            }
            else if (before.Content == touch.Content)
            {
                report.UnchangedCount++;
            }
            else if (batch.Correct)
            {
                report.CorrectedCount++;
                var id = TransitionId.OfCorrection(before.Id, touch.Content);
                accepted.Add(touch with { Touchpoint = touch.Touchpoint with { Id = id }, Supersedes = before.Id });
            }
            else
            {
                report.Rejects.Add(TouchpointImportReader.Reject(touch.Line, "KEY_REUSED",
                    "this source_key and source_seq were imported before with other content: import with correct to supersede that touch"));
            }
        }
        await Keys.CorrectAsync(transaction, tenant, [.. accepted.Where(touch => touch.Supersedes is not null).Select(Known)], cancellationToken);
        if (accepted.Count > 0)
        {
            await OutboxWriter.AddAsync(transaction, [IntakeEvents.Imported(tenant, accepted, now)], cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return report;
    }

    static void Repeat(ImportedTouch touch, ImportedTouch first, ImportTouchpointsResponse report)
    {
        if (touch.Content == first.Content)
        {
            report.UnchangedCount++;
        }
        else
        {
            report.Rejects.Add(TouchpointImportReader.Reject(touch.Line, "KEY_REUSED",
                $"line {first.Line} has the same source_key and source_seq, and other content: number the touches of a key apart"));
        }
    }

    static ImportedKey Known(ImportedTouch touch) => new(touch.KeyId, touch.Touchpoint.Id, touch.Content);
}
