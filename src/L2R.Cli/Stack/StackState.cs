using System.Text.Json;
using System.Text.Json.Serialization;

namespace L2R.Cli.Stack;

/// <summary>What the AppHost says of itself in <c>stack.json</c>.</summary>
/// <param name="StartTime">When the process <paramref name="Pid"/> started: tells it from a later one with the same number.</param>
/// <param name="Failed">Why the stack cannot become ready, as a sentence, or null.</param>
sealed record StackState(int Pid, DateTimeOffset StartTime, bool Ready, string? Failed)
{
    /// <summary>The address that opens the dashboard, with its token; null where there is none.</summary>
    public string? Dashboard { get; init; }

    public IReadOnlyList<StackResource> Resources { get; init; } = [];

    /// <summary>The way in: addresses by endpoint name. Empty while there is none.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> GatewayUrls =>
        Resources.FirstOrDefault(resource => resource.Name == "gateway")?.Urls ?? new Dictionary<string, string>();

    /// <summary>Connection strings of the infrastructure by name: <c>postgres</c>, <c>rabbitmq</c>. They hold passwords.</summary>
    public IReadOnlyDictionary<string, string> Connections { get; init; } = new Dictionary<string, string>();

    /// <exception cref="JsonException">The text is not a stack state.</exception>
    public static StackState Parse(string json) =>
        JsonSerializer.Deserialize(json, StackJson.Default.StackState) ?? throw new JsonException("The stack state is null.");
}

/// <param name="Summary">How it is, in words for people.</param>
/// <param name="Log">The path of the file that has its whole output.</param>
sealed record StackResource(
    string Name, string Kind, string State, string? Summary, string? Health, int? Pid, int Restarts, int? ExitCode, string? Log)
{
    /// <summary>Addresses by endpoint name.</summary>
    public IReadOnlyDictionary<string, string> Urls { get; init; } = new Dictionary<string, string>();
}

/// <summary>What <c>l2r status --json</c> prints: the state without the passwords.</summary>
sealed record StackStatus(bool Up, bool Ready, string? Failed, int? Pid, IReadOnlyList<StackResource> Resources);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(StackState))]
[JsonSerializable(typeof(StackStatus))]
sealed partial class StackJson : JsonSerializerContext;
