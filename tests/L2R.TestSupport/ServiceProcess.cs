using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace L2R.TestSupport;

/// <summary>A service as a process of its own, on real ports, with a database and queues of its own.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _output = new();

    ServiceProcess(Process process, Uri http, Uri grpc, string adminConnectionString)
    {
        (_process, Http, AdminConnectionString) = (process, http, adminConnectionString);
        Channel = GrpcChannel.ForAddress(grpc);
        Admin = Npgsql.NpgsqlDataSource.Create(adminConnectionString);
    }

    /// <summary>HTTP/1.1: health.</summary>
    public Uri Http { get; }

    /// <summary>HTTP/2.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>The service's database as superuser: every tenant's rows.</summary>
    public Npgsql.NpgsqlDataSource Admin { get; }

    public string AdminConnectionString { get; }

    /// <summary>What it wrote so far, by lines.</summary>
    public IReadOnlyList<string> Output => [.. _output.Where(line => line.Length > 0)];

    /// <summary>Starts the service and waits until it is ready.</summary>
    /// <param name="service">The service's assembly; its dll lies beside the test's.</param>
    /// <param name="connectionName">Of its database: <c>intakedb</c>.</param>
    /// <param name="settings">Further configuration, <c>Section__Key</c>.</param>
    public static Task<ServiceProcess> StartAsync(Assembly service, string connectionName, params (string Key, string Value)[] settings) =>
        StartAsync(service.Location, connectionName, settings);

    /// <inheritdoc cref="StartAsync(Assembly, string, ValueTuple{string, string}[])"/>
    /// <param name="dll">The service, where it was built.</param>
    public static async Task<ServiceProcess> StartAsync(string dll, string connectionName, params (string Key, string Value)[] settings)
    {
        var admin = TestDatabase.AddressOfNew();
        var (http, grpc) = (FreeAddress(), FreeAddress());
        var start = new ProcessStartInfo("dotnet", [dll])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(dll)!,
            Environment =
            {
                [$"ConnectionStrings__{connectionName}"] = admin,
                ["ConnectionStrings__rabbitmq"] = TestServers.RabbitMq,
                ["Messaging__Prefix"] = TestServers.Prefix,
                ["Messaging__QueuePrefix"] = $"test-{Guid.NewGuid():N}.",
                ["Messaging__Services"] = "", // those who would hear it never come
                ["Authentication__PublicKey"] = TestTokens.PublicKey,
                ["Authentication__Issuer"] = TestTokens.Issuer,
                ["Kestrel__Endpoints__Http__Url"] = http.ToString(),
                ["Kestrel__Endpoints__Http__Protocols"] = "Http1",
                ["Kestrel__Endpoints__Grpc__Url"] = grpc.ToString(),
                ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["DOTNET_gcServer"] = "0",
            },
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }
        var process = new ServiceProcess(Process.Start(start)!, http, grpc, admin);
        process.KeepOutput();
        try
        {
            await process.WaitUntilReadyAsync();
            return process;
        }
        catch
        {
            await process.DisposeAsync(); // nobody else knows of it
            throw;
        }
    }

    /// <summary>Call options with a token of the tenant in those roles.</summary>
    public static CallOptions As(string tenant, params string[] roles) => With(TestTokens.Issue(tenant, roles));

    /// <summary>Call options with that token.</summary>
    public static CallOptions With(string token) => new(
        new Metadata { { "authorization", $"Bearer {token}" } },
        deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30),
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, as an orchestrator says that a replica is to go.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
    }

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await Admin.DisposeAsync();
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        await TestDatabase.DropAsync(AdminConnectionString);
    }

    void KeepOutput()
    {
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Http, Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.IsTrueAsync("the service to be ready", async () =>
        {
            Assert.False(_process.HasExited, "The service ended:\n" + string.Join('\n', _output));
            try
            {
                using var answer = await client.GetAsync("health/ready", CancellationToken.None);
                return answer.IsSuccessStatusCode;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false; // not listening yet, or too busy starting to answer
            }
        }, seconds: 60);
    }

    static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
