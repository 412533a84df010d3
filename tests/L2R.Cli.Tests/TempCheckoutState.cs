using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace L2R.Cli.Tests;

static class TempCheckoutState
{
    /// <summary>The state of a ready stack whose AppHost is this test's own process.</summary>
    /// <param name="later">Added to when the process started.</param>
    public static void WriteStateOfThisProcess(this TempCheckout temp, TimeSpan later = default)
    {
        using var process = Process.GetCurrentProcess();
        temp.WriteState(Environment.ProcessId, process.StartTime.ToUniversalTime() + later);
    }

    /// <summary>The state of a ready stack with these resources, each with its grpc address, where it has one.</summary>
    public static void WriteStateWith(this TempCheckout temp, params (string Name, string? Grpc)[] resources)
    {
        using var process = Process.GetCurrentProcess();
        temp.Write("artifacts/run/stack.json", JsonSerializer.Serialize(new
        {
            pid = Environment.ProcessId,
            startTime = process.StartTime.ToUniversalTime(),
            ready = true,
            resources = resources.Select(resource => new
            {
                name = resource.Name,
                kind = "project",
                state = "Running",
                restarts = 0,
                urls = resource.Grpc is { } address ? new Dictionary<string, string> { ["grpc"] = address } : [],
            }),
        }));
    }

    public static void WriteState(this TempCheckout temp, int pid, DateTime startTime) =>
        temp.Write("artifacts/run/stack.json", $$"""
            {
              "pid": {{pid}},
              "startTime": "{{startTime.ToString("O", CultureInfo.InvariantCulture)}}",
              "ready": true,
              "failed": null,
              "resources": [
                {
                  "name": "gateway", "kind": "project", "state": "Running", "summary": "ready", "health": "Healthy", "pid": 17, "restarts": 2,
                  "urls": { "http": "http://127.0.0.1:1", "grpc": "http://127.0.0.1:2" }, "exitCode": null, "log": "logs/gateway.log"
                },
                { "name": "old", "kind": "executable", "state": "Exited", "summary": "ended with exit code 3", "health": null, "pid": null, "restarts": 0, "urls": {}, "exitCode": 3, "log": null }
              ],
              "connections": { "postgres": "Host=127.0.0.1;Password=secret;Database=postgres", "rabbitmq": "amqp://guest:secret@127.0.0.1:5" }
            }
            """);
}
