using System.Diagnostics;
using System.Globalization;

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
