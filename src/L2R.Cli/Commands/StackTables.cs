using System.Globalization;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary>The stack as tables for people.</summary>
static class StackTables
{
    /// <summary>The way in, with what each address is for.</summary>
    public static void Addresses(StackState state, Terminal terminal)
    {
        var gateway = state.GatewayUrls;
        string[][] addresses =
        [
            .. state.Dashboard is { } dashboard ? [["dashboard", dashboard, "what runs, logs, traces; for you alone"]] : Array.Empty<string[]>(),
            .. gateway.TryGetValue("grpc", out var grpc) ? [["gateway grpc", grpc, "gRPC clients, all services (no TLS)"]] : Array.Empty<string[]>(),
            .. gateway.TryGetValue("http", out var http) ? [["gateway http", http, "health checks: /health/ready"]] : Array.Empty<string[]>(),
        ];
        terminal.Table(["", "address", "for"], addresses);
        terminal.Step("./l2r status has those of single services and servers; they stay the same from one up to the next");
    }

    /// <summary>One row for each resource.</summary>
    public static void Resources(StackState state, Terminal terminal) =>
        terminal.Table(
            ["resource", "state", "pid", "restarts", "addresses"],
            state.Resources.Select(resource => new[]
            {
                resource.Name,
                resource.Summary ?? resource.State,
                resource.Pid?.ToString(CultureInfo.InvariantCulture) ?? "",
                resource.Restarts.ToString(CultureInfo.InvariantCulture),
                string.Join(", ", resource.Urls.OrderBy(url => url.Key, StringComparer.Ordinal).Select(url => $"{url.Key} {url.Value}")),
            }));
}
