using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using L2R.TestSupport;

namespace L2R.Interop.Tests;

/// <summary>One of the scripts beside this file, run by Node.js or Python: JSON lines go in and out.</summary>
sealed class PeerProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly Task _reading;
    readonly SemaphoreSlim _sending = new(1);
    readonly ConcurrentDictionary<string, Channel<JsonObject>> _lines = new();

    PeerProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>The folder of the packages that npm installed for the tests.</summary>
    public static string NodeModules => field ??= FindNodeModules();

    /// <param name="settings">Environment variables that the script reads; it says which.</param>
    public static PeerProcess Start(string script, params (string Name, string Value)[] settings)
    {
        var path = Path.Combine(Repository.Root, "tests", "L2R.Interop.Tests", script);
        var start = script.EndsWith(".py", StringComparison.Ordinal) ? Python(path) : Node(path);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }
        return new PeerProcess(Process.Start(start)!);
    }

    public async Task SendAsync(object line)
    {
        await _sending.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(line));
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next line whose id, or else event, or else first property is <paramref name="key"/>.</summary>
    public async Task<JsonObject> NextAsync(string key, CancellationToken cancellationToken)
    {
        var next = LinesOf(key).Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(ServerEvents.Patience, cancellationToken);
        return await Task.WhenAny(next, _reading) == next
            ? await next
            : throw new InvalidOperationException($"The peer ended with exit code {_process.ExitCode}: its error output says why.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close(); // the scripts end with their input
        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
        _sending.Dispose();
    }

    // The distribution's own has its package python3-grpcio. -B: no cache beside the scripts.
    static ProcessStartInfo Python(string path) => new(Environment.GetEnvironmentVariable("L2R_PYTHON") ?? "/usr/bin/python3", ["-B", path])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        Environment = { ["ECHO_PROTO"] = EchoReflection.Descriptor.SerializedData.ToBase64() },
    };

    static ProcessStartInfo Node(string path) => new("node", path)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        Environment = { ["NODE_PATH"] = NodeModules },
    };

    static string FindNodeModules()
    {
        var modules = Path.Combine(Repository.Root, "tests", "node", "node_modules");
        return Directory.Exists(Path.Combine(modules, "@grpc", "grpc-js"))
            ? modules
            : throw new InvalidOperationException(
                "tests/node/node_modules is missing: run `npm ci --ignore-scripts --prefix tests/node` in the repository, as ./l2r test does.");
    }

    Channel<JsonObject> LinesOf(string key) => _lines.GetOrAdd(key, _ => Channel.CreateUnbounded<JsonObject>());

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var json = JsonNode.Parse(line)!.AsObject();
            var key = json["id"] ?? (json["event"] is { } name ? JsonValue.Create($"{name} {json["text"]}") : null);
            await LinesOf(key?.GetValue<string>() ?? json.First().Key).Writer.WriteAsync(json);
        }
        await _process.WaitForExitAsync();
    }
}
