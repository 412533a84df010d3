using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace L2R.Owners;

/// <summary>What an owner does with rows of history, in the transaction that remembers them.</summary>
/// <param name="rows">New and corrected rows, in the order of the batch; at least one.</param>
/// <returns>What the ledger is to be told.</returns>
public delegate Task<IReadOnlyList<StageChanged>> ApplyImport(
    NpgsqlTransaction transaction,
    string tenant,
    IReadOnlyList<ImportedRow> rows,
    CancellationToken cancellationToken);

/// <summary>Serves <c>ImportTransitions</c>: reads batches, stores each in one transaction, and answers after its commit.</summary>
/// <remarks>
/// A cut at any point leaves whole batches. Sent again, what was stored is unchanged and the rest is stored, so nothing is
/// lost or doubled. Rows reach the ledger through the outbox, like everything else.
/// </remarks>
public sealed class ImportServer(NpgsqlDataSource dataSource, OutboxSignal signal, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    const int MaxRows = 500;

    /// <param name="owner">The service that takes the rows in.</param>
    /// <param name="errorDomain">Of the service: <c>intake.l2r</c>.</param>
    public Task RunAsync(
        Owner owner,
        string errorDomain,
        IAsyncStreamReader<ImportTransitionsRequest> requests,
        IServerStreamWriter<ImportTransitionsResponse> responses,
        ServerCallContext context,
        ApplyImport apply) =>
        AnswerAsync(errorDomain, requests, responses, context, batch =>
        {
            Check(batch, errorDomain);
            return StoreAsync(owner, context.Tenant(), batch, apply, context.CancellationToken);
        });

    /// <summary>Answers batch after batch, each after its commit, until the caller has no more or the replica is told to go.</summary>
    /// <param name="store">Checks a batch and stores it in one transaction.</param>
    public async Task AnswerAsync<TRequest, TResponse>(
        string errorDomain,
        IAsyncStreamReader<TRequest> requests,
        IServerStreamWriter<TResponse> responses,
        ServerCallContext context,
        Func<TRequest, Task<TResponse>> store)
        where TRequest : class
    {
        // A replica that is told to go finishes the batch that it has begun, and takes no other.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            while (await requests.MoveNext(reading.Token))
            {
                await responses.WriteAsync(await store(requests.Current), context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw ApiErrors.Create(
                StatusCode.Unavailable, errorDomain, "SERVICE_STOPPING",
                "This replica is going away. What it acknowledged is stored; send the rest again.",
                new Rpc.RetryInfo { RetryDelay = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        }
    }

    static void Check(ImportTransitionsRequest batch, string errorDomain)
    {
        var problems = RequiredFields.FindMissing(batch);
        problems.AtMost("import_id", batch.ImportId, 100);
        problems.KebabCase("source", batch.Source);
        if (batch.Transitions.Count > MaxRows)
        {
            problems.Add(new("transitions", $"must be at most {MaxRows} rows, and are {batch.Transitions.Count}"));
        }
        problems.ThrowIfAny(errorDomain);
    }

    async Task<ImportTransitionsResponse> StoreAsync(
        Owner owner, string tenant, ImportTransitionsRequest batch, ApplyImport apply, CancellationToken cancellationToken)
    {
        var now = clock.GetStorableNow();
        var report = new ImportTransitionsResponse();
        var rows = new List<ImportedRow>(batch.Transitions.Count);
        foreach (var transition in batch.Transitions)
        {
            var (row, reject) = ImportReader.Read(tenant, batch, transition, owner, now);
            if (row is not null)
            {
                rows.Add(row);
            }
            else
            {
                report.Rejects.Add(reject);
            }
        }
        if (rows.Count == 0)
        {
            return report;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var accepted = await ImportJournal.ClaimAsync(transaction, tenant, owner, batch.Correct, rows, report, cancellationToken);
        if (accepted.Count > 0)
        {
            var changes = await apply(transaction, tenant, accepted, cancellationToken);
            await OutboxWriter.AddAsync(transaction, [MoveEvents.Import(owner, tenant, changes, now)], cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return report;
    }
}
