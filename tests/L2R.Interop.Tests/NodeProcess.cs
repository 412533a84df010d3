using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace L2R.Interop.Tests;

/// <summary>One of the scripts beside this file, run by Node.js: JSON lines go in and out.</summary>
sealed class NodeProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly Task _reading;
    readonly SemaphoreSlim _sending = new(1);
    readonly ConcurrentDictionary<string, Channel<JsonObject>> _lines = new();

    NodeProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    public static NodeProcess Start(string script)
    {
        var root = FindRoot();
        var modules = Path.Combine(root, "tests", "node", "node_modules");
        if (!Directory.Exists(Path.Combine(modules, "@grpc", "grpc-js")))
        {
            throw new InvalidOperationException(
                "tests/node/node_modules is missing: run `npm ci --ignore-scripts --prefix tests/node` in the repository, as ./l2r test does.");
        }
        var start = new ProcessStartInfo("node", Path.Combine(root, "tests", "L2R.Interop.Tests", script))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["NODE_PATH"] = modules },
        };
        return new NodeProcess(Process.Start(start)!);
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
            : throw new InvalidOperationException($"Node.js ended with exit code {_process.ExitCode}: its error output says why.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close(); // the scripts end with their input
        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
        _sending.Dispose();
    }

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "L2R.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }
        return folder.FullName;
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
