using RabbitMQ.Client;

namespace L2R.Messaging;

/// <summary>The queues of the other services that hear what this one says.</summary>
/// <remarks>
/// A broker drops an event that no queue is bound to. On a new broker those who hear may come later than those who speak, so the
/// speaker declares their queues, exactly as they will do themselves (<see cref="Listener"/>): the events wait for them there.
/// </remarks>
/// <param name="names">Puts the deployment's prefixes before the names of exchanges and queues.</param>
sealed class Audience(Uri broker, BusNames names, IReadOnlyList<Subscription> subscriptions)
{
    /// <summary>Declares what is not there yet.</summary>
    public async Task DeclareAsync(CancellationToken cancellationToken)
    {
        if (subscriptions.Count == 0)
        {
            return;
        }
        await using var connection = await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var subscription in subscriptions)
        {
            var (exchange, queue) = (names.Exchange(subscription.Event), names.Queue(subscription.Service, subscription.Event));
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(queue, queue, routingKey: "", cancellationToken: cancellationToken);
            foreach (var routingKey in subscription.RoutingKeys)
            {
                await channel.ExchangeBindAsync(queue, exchange, routingKey, cancellationToken: cancellationToken);
            }
        }
    }
}
