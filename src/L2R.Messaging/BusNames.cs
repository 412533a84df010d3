using Google.Protobuf.Reflection;
using Microsoft.Extensions.Configuration;

namespace L2R.Messaging;

/// <summary>The names of exchanges and queues in this deployment.</summary>
/// <remarks>
/// <c>Messaging:Prefix</c> goes before the name of every exchange and queue: deployments that share a broker, each with its own, do
/// not hear each other. <c>Messaging:QueuePrefix</c> goes before those of queues alone: who has one of its own hears all events too.
/// </remarks>
sealed class BusNames(IConfiguration configuration)
{
    readonly string _prefix = configuration["Messaging:Prefix"] ?? "";
    readonly string _queuePrefix = $"{configuration["Messaging:Prefix"]}{configuration["Messaging:QueuePrefix"]}";

    /// <summary>Of an event: the full name of its proto, <c>l2r.ledger.v1.StagesChanged</c>.</summary>
    public string Exchange(MessageDescriptor type) => _prefix + type.FullName;

    /// <summary>The service's name, with what goes before its queues.</summary>
    public string Service(string service) => _queuePrefix + service;

    /// <summary>Of what a service hears of an event: <c>metrics.StagesChanged</c>.</summary>
    public string Queue(string service, MessageDescriptor type) => $"{Service(service)}.{type.Name}";
}
