using System.Text.Json;
using L2R.AppHost.Local;

namespace L2R.AppHost.Stack;

/// <summary>Gives each endpoint the port that it had before, so that addresses stay what they were; another one where that is taken now.</summary>
/// <param name="file">Remembers them from one run to the next.</param>
sealed class StackPorts(string file)
{
    readonly Dictionary<string, int> _remembered = Load(file);
    readonly HashSet<int> _given = [];

    /// <param name="endpoint">Such as <c>gateway/grpc</c>; asked for once in a run.</param>
    /// <returns>A port of the loopback interface on which nobody listens now.</returns>
    public int Of(string endpoint)
    {
        if (!_remembered.TryGetValue(endpoint, out var port) || !FreePort.IsFree(port) || !_given.Add(port))
        {
            do
            {
                port = FreePort.Find();
            }
            while (_remembered.ContainsValue(port) || !_given.Add(port));
            _remembered[endpoint] = port;
            PrivateFile.Write(file, JsonSerializer.Serialize(_remembered));
        }
        return port;
    }

    static Dictionary<string, int> Load(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(file)) ?? [] : [];
}
