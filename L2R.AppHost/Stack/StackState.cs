using System.Text.Json;
using System.Text.Json.Serialization;

namespace L2R.AppHost.Stack;

/// <summary>What <c>stack.json</c> says. The CLI and the tests read it.</summary>
/// <param name="StartTime">When the process with this pid started. A pid alone may belong to another process by now.</param>
/// <param name="Ready">Everything runs and is healthy.</param>
/// <param name="Failed">A sentence, when something does not come up again and again. Null as long as there is hope.</param>
/// <param name="Dashboard">The address that opens it, with its token. Null where there is none.</param>
/// <param name="Connections">Of the servers, by name. Empty until they are known.</param>
sealed record StackState(
    int Pid,
    DateTimeOffset StartTime,
    bool Ready,
    string? Failed,
    string? Dashboard,
    IReadOnlyList<ResourceState> Resources,
    IReadOnlyDictionary<string, string> Connections)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <param name="Kind">project, executable, container.</param>
/// <param name="State">NotStarted, Waiting, Starting, Running, Stopping, Exited, FailedToStart.</param>
/// <param name="Summary">How it is, in words for people: ready, starting, waiting for postgres.</param>
/// <param name="Health">Healthy, Degraded, Unhealthy. Null unless running.</param>
/// <param name="Restarts">After crashes, since the stack started.</param>
/// <param name="Urls">By the name of the endpoint.</param>
/// <param name="ExitCode">Of the last run. Null while running.</param>
/// <param name="Log">The file with its output.</param>
sealed record ResourceState(
    string Name,
    string Kind,
    string State,
    string Summary,
    string? Health,
    int? Pid,
    int Restarts,
    IReadOnlyDictionary<string, string> Urls,
    int? ExitCode,
    string Log)
{
    [JsonIgnore]
    public bool IsReady => State == "Running" && Health == "Healthy";

    /// <summary>A process is there, or about to be.</summary>
    [JsonIgnore]
    public bool IsUp => !IsDown && State is not ("NotStarted" or "Waiting");

    [JsonIgnore]
    public bool IsDown => State is "Exited" or "FailedToStart";
}
