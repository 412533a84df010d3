using System.Text;
using L2R.AppHost.Stack;
using L2R.AppHost.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;

namespace L2R.AppHost.Tests.Local;

/// <summary>PostgreSQL and RabbitMQ as they are, run by the AppHost, reached as a service would reach them.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class LocalInfrastructureTests : IDisposable
{
    readonly string _folder = StackProcess.CreateStateDirectory();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public LocalInfrastructureTests() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101); // for PostgreSQL's user

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Keeps_rows_and_messages_over_a_stop_and_over_a_kill()
    {
        await using (var first = Start())
        {
            using var services = Connect(await first.WaitForAsync(state => state.Ready));
            await ExecuteAsync(services, "CREATE TABLE leads (name text)");
            await StoreAsync(services, "first");
            await first.StopAsync("TERM");
            await first.WaitUntilNothingIsLeftAsync();
        }
        await using (var second = Start())
        {
            using var services = Connect(await second.WaitForAsync(state => state.Ready));
            await StoreAsync(services, "second");
            await second.StopAsync("KILL");
            // No wait: the next one must cope with servers that are still stopping.
        }
        await using var third = Start();
        using var last = Connect(await third.WaitForAsync(state => state.Ready));

        Assert.Equal(["first", "second"], await ReadRowsAsync(last));
        Assert.Equal(["first", "second"], await ReadMessagesAsync(last));
    }

    [Fact]
    public async Task Comes_back_at_the_same_address_with_the_same_password_when_each_server_is_killed()
    {
        await using var stack = Start();
        var before = await stack.WaitForAsync(state => state.Ready);

        foreach (var resource in before.Resources)
        {
            await StackProcess.SignalAsync("KILL", resource.Pid!.Value);
        }
        var after = await stack.WaitForAsync(state => state.Ready && state.Resources.All(resource => resource.Restarts > 0));

        Assert.Equal(before.Connections, after.Connections);
        using var services = Connect(after);
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);
        Assert.Equal(
            [("PostgreSql", HealthStatus.Healthy), ("RabbitMQ.Client", HealthStatus.Healthy)],
            report.Entries.Select(entry => (entry.Key, entry.Value.Status)));

        await using var stranger = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(after.Connections["postgres"]) { Password = "guess", Pooling = false }.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync(Cancelled));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "data", "secrets.json")));
    }

    StackProcess Start() => StackProcess.Start(StackProcess.WholeStack, _folder, ["--infrastructure-only"]);

    static ServiceProvider Connect(StackState state)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(
            state.Connections.Select(pair => new KeyValuePair<string, string?>($"ConnectionStrings:{pair.Key}", pair.Value)));
        builder.AddNpgsqlDataSource("postgres", configureDataSourceBuilder: source => source.ConnectionStringBuilder.Pooling = false);
        builder.AddRabbitMQClient("rabbitmq");
        return builder.Services.BuildServiceProvider();
    }

    static async Task ExecuteAsync(ServiceProvider services, string sql)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task StoreAsync(ServiceProvider services, string name)
    {
        await ExecuteAsync(services, $"INSERT INTO leads VALUES ('{name}')");

        await using var channel = await services.GetRequiredService<IConnection>().CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancelled);
        await channel.QueueDeclareAsync("leads", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancelled);
        await channel.BasicPublishAsync(
            "", "leads", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(name), Cancelled);
    }

    static async Task<IReadOnlyList<string>> ReadRowsAsync(ServiceProvider services)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT name FROM leads ORDER BY name");
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        List<string> names = [];
        while (await reader.ReadAsync(Cancelled))
        {
            names.Add(reader.GetString(0));
        }
        return names;
    }

    static async Task<IReadOnlyList<string>> ReadMessagesAsync(ServiceProvider services)
    {
        await using var channel = await services.GetRequiredService<IConnection>().CreateChannelAsync(cancellationToken: Cancelled);
        List<string> names = [];
        while (await channel.BasicGetAsync("leads", autoAck: true, Cancelled) is { } message)
        {
            names.Add(Encoding.UTF8.GetString(message.Body.Span));
        }
        return names;
    }
}
