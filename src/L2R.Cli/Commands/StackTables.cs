using System.Globalization;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary>The stack as tables for people.</summary>
static class StackTables
{
    /// <summary>One row for each address.</summary>
    public static void Addresses(StackState state, Terminal terminal) =>
        terminal.Table(
            ["resource", "endpoint", "address"],
            state.Resources.SelectMany(resource => resource.Urls
                .OrderBy(url => url.Key, StringComparer.Ordinal)
                .Select(url => new[] { resource.Name, url.Key, url.Value })));

    /// <summary>One row for each resource.</summary>
    public static void Resources(StackState state, Terminal terminal) =>
        terminal.Table(
            ["resource", "state", "health", "pid", "restarts", "addresses"],
            state.Resources.Select(resource => new[]
            {
                resource.Name,
                resource.ExitCode is { } code ? $"{resource.State} ({code.ToString(CultureInfo.InvariantCulture)})" : resource.State,
                resource.Health ?? "",
                resource.Pid?.ToString(CultureInfo.InvariantCulture) ?? "",
                resource.Restarts.ToString(CultureInfo.InvariantCulture),
                string.Join(", ", resource.Urls.OrderBy(url => url.Key, StringComparer.Ordinal).Select(url => $"{url.Key} {url.Value}")),
            }));
}
