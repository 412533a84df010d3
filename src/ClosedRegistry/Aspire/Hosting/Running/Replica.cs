using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>One of several processes of a resource, which listens on ports of its own behind the address of all.</summary>
/// <param name="ports">By endpoint.</param>
sealed class Replica(IReadOnlyDictionary<EndpointAnnotation, int> ports)
{
    static readonly AsyncLocal<Replica?> Slot = new();

    /// <summary>The one that is started or checked here. Null for a resource that has one process.</summary>
    public static Replica? Current
    {
        get => Slot.Value;
        set => Slot.Value = value;
    }

    /// <summary>The port that the process itself listens on: that of the current replica where the endpoint is one of its own.</summary>
    public static int? FindTargetPort(EndpointAnnotation endpoint) => Current?.FindPort(endpoint) ?? endpoint.TargetPort;

    public int? FindPort(EndpointAnnotation endpoint) => ports.TryGetValue(endpoint, out var port) ? port : null;
}
