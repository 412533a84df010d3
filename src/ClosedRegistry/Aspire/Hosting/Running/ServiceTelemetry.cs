namespace Aspire.Hosting.Running;

/// <summary>What tells a project where its telemetry goes. Nothing as long as there is no dashboard.</summary>
sealed class ServiceTelemetry
{
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();
}
