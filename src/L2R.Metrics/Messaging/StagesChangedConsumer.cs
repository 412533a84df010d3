using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Metrics.Messaging;

/// <summary>Appends what the owners of journeys say to the ledger.</summary>
/// <remarks>
/// It catches nothing: the endpoint retries, and after the last try the message goes to the error queue.
/// A catch here would acknowledge a message whose effect was never stored.
/// </remarks>
sealed class StagesChangedConsumer(NpgsqlDataSource dataSource, TimeProvider clock) : IConsumer<StagesChanged>
{
    public async Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var now = clock.GetStorableNow();
        var rows = message.Changes.Select(change => TransitionMapping.ToTransition(change, now)).ToList();

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(StagesChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        await LedgerStore.AppendAsync(transaction, message.Tenant, rows, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
