using System.Reflection;
using L2R.TestSupport;

[assembly: AssemblyFixture(typeof(L2R.Gateway.Tests.GatewayFixture))]

namespace L2R.Gateway.Tests;

/// <summary>The gateway as a process, Intake and Metrics behind it, and what they export. Scoring does not answer, and nobody told where Handoff is.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    TelemetryReceiver? _telemetry;
    ServiceProcess? _gateway;
    ServiceProcess? _intake;
    ServiceProcess? _metrics;

    internal TelemetryReceiver Telemetry => _telemetry!;

    public ServiceProcess Gateway => _gateway!;

    public ServiceProcess Intake => _intake!;

    public async ValueTask InitializeAsync()
    {
        _telemetry = await TelemetryReceiver.StartAsync();
        _intake = await ServiceProcess.StartAsync(Assembly.Load("L2R.Intake"), "intakedb", _telemetry.SettingsOf("intake"));
        _metrics = await ServiceProcess.StartAsync(Assembly.Load("L2R.Metrics"), "metricsdb", _telemetry.SettingsOf("metrics"));
        _gateway = await ServiceProcess.StartAsync(Assembly.Load("L2R.Gateway"), "nodb",
        [
            .. _telemetry.SettingsOf("gateway"),
            ("services__intake__grpc__0", $"http://{_intake.Channel.Target}"),
            ("services__metrics__grpc__0", $"http://{_metrics.Channel.Target}"),
            ("services__scoring__grpc__0", "http://127.0.0.1:1"),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in (IReadOnlyList<IAsyncDisposable?>)[_gateway, _intake, _metrics, _telemetry])
        {
            await (started?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
