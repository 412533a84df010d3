using L2R.Intake.Api;
using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Intake.Storage;

/// <summary>Takes in past touches: remembers which rows it had, and tells of the new and the corrected ones.</summary>
/// <remarks>A lead need not be there: its id comes of its key, so that touches and moves may be imported in either order.</remarks>
sealed class TouchpointImport(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
{
    // In key order: two imports of the same file then wait for each other instead of deadlocking.
    const string ClaimSql = """
        INSERT INTO imported_touchpoints (tenant_id, key_id, touchpoint_id, content)
        SELECT @tenant, key_id, touchpoint_id, content
        FROM unnest(@keys, @touchpoints, @contents) AS batch (key_id, touchpoint_id, content)
        ORDER BY key_id
        ON CONFLICT DO NOTHING
        RETURNING key_id
        """;

    const string FindSql = """
        SELECT key_id, touchpoint_id, content
        FROM imported_touchpoints
        WHERE tenant_id = @tenant AND key_id = ANY(@keys)
        ORDER BY key_id
        FOR UPDATE
        """;

    const string CorrectSql = """
        UPDATE imported_touchpoints i
        SET touchpoint_id = batch.touchpoint_id, content = batch.content
        FROM unnest(@keys, @touchpoints, @contents) AS batch (key_id, touchpoint_id, content)
        WHERE i.tenant_id = @tenant AND i.key_id = batch.key_id
        """;

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
        var fresh = await InsertAsync(transaction, tenant, firsts.Values, cancellationToken);
        var known = await FindAsync(transaction, tenant, firsts.Keys.Except(fresh), cancellationToken);
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
                var id = TransitionId.OfCorrection(before.TouchpointId, touch.Content);
                accepted.Add(touch with { Touchpoint = touch.Touchpoint with { Id = id }, Supersedes = before.TouchpointId });
            }
            else
            {
                report.Rejects.Add(TouchpointImportReader.Reject(touch.Line, "KEY_REUSED",
                    "this source_key and source_seq were imported before with other content: import with correct to supersede that touch"));
            }
        }
        await CorrectAsync(transaction, tenant, [.. accepted.Where(touch => touch.Supersedes is not null)], cancellationToken);
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

    static async Task<HashSet<Guid>> InsertAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyCollection<ImportedTouch> touches, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, ClaimSql, tenant, touches);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var inserted = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            inserted.Add(reader.GetGuid(0));
        }
        return inserted;
    }

    static async Task<Dictionary<Guid, (Guid TouchpointId, Guid Content)>> FindAsync(
        NpgsqlTransaction transaction, string tenant, IEnumerable<Guid> keys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("keys", [.. keys]) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, (Guid, Guid)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0), (reader.GetGuid(1), reader.GetGuid(2)));
        }
        return found;
    }

    static async Task CorrectAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyCollection<ImportedTouch> touches, CancellationToken cancellationToken)
    {
        if (touches.Count > 0)
        {
            await using var command = Command(transaction, CorrectSql, tenant, touches);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, IReadOnlyCollection<ImportedTouch> touches) =>
        new(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("keys", [.. touches.Select(touch => touch.KeyId)]),
                new NpgsqlParameter<Guid[]>("touchpoints", [.. touches.Select(touch => touch.Touchpoint.Id)]),
                new NpgsqlParameter<Guid[]>("contents", [.. touches.Select(touch => touch.Content)]),
            },
        };
}
