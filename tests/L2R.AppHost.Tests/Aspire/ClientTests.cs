using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;

namespace L2R.AppHost.Tests.Aspire;

/// <summary>What the client integrations read and register.</summary>
public sealed class ClientTests
{
    readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(settings: null);

    [Theory]
    [InlineData("Aspire:Npgsql:ConnectionString=Host=section", "section")]
    [InlineData("Aspire:Npgsql:ConnectionString=Host=section|Aspire:Npgsql:leadsdb:ConnectionString=Host=named", "named")]
    [InlineData("Aspire:Npgsql:leadsdb:ConnectionString=Host=named|ConnectionStrings:leadsdb=Host=wins", "wins")]
    public void Prefers_the_connection_string_to_the_named_section_to_the_section(string settings, string host)
    {
        Configure(settings);
        _builder.AddNpgsqlDataSource("leadsdb");

        using var services = _builder.Services.BuildServiceProvider();

        Assert.Equal($"Host={host}", services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
    }

    [Theory]
    [InlineData("", "PostgreSql,RabbitMQ.Client")]
    [InlineData("Aspire:Npgsql:DisableHealthChecks=true|Aspire:RabbitMQ:Client:rabbitmq:DisableHealthChecks=true", "")]
    public void Checks_health_unless_told_not_to(string settings, string names)
    {
        Configure(settings);
        _builder.AddNpgsqlDataSource("leadsdb");
        _builder.AddRabbitMQClient("rabbitmq");

        using var services = _builder.Services.BuildServiceProvider();

        var checks = services.GetService<IOptions<HealthCheckServiceOptions>>()?.Value.Registrations.Select(check => check.Name) ?? [];
        Assert.Equal(names, string.Join(',', checks));
    }

    [Fact]
    public void Says_which_connection_string_is_missing()
    {
        _builder.AddNpgsqlDataSource("leadsdb");
        using var services = _builder.Services.BuildServiceProvider();

        Assert.Equal(
            "ConnectionString is missing. It should be provided in 'ConnectionStrings:leadsdb' or under the 'ConnectionString' key in 'Aspire:Npgsql' configuration section.",
            Assert.Throws<InvalidOperationException>(services.GetRequiredService<NpgsqlDataSource>).Message);
    }

    [Fact]
    public void Takes_the_broker_of_this_machine_where_it_is_told_none()
    {
        _builder.AddRabbitMQClient("rabbitmq");
        using var services = _builder.Services.BuildServiceProvider();

        Assert.Equal("localhost", Assert.IsType<ConnectionFactory>(services.GetRequiredService<IConnectionFactory>()).HostName);
    }

    [Fact]
    public void Takes_the_address_of_the_broker_and_what_the_caller_changes()
    {
        Configure("ConnectionStrings:rabbitmq=amqp://l2r:pw@broker:5699");
        _builder.AddRabbitMQClient("rabbitmq", configureConnectionFactory: factory => factory.ClientProvidedName = "intake");

        using var services = _builder.Services.BuildServiceProvider();
        var factory = Assert.IsType<ConnectionFactory>(services.GetRequiredService<IConnectionFactory>());

        Assert.Equal(("broker", 5699, "l2r", "pw", "intake"), (factory.HostName, factory.Port, factory.UserName, factory.Password, factory.ClientProvidedName));
    }

    void Configure(string settings) => _builder.Configuration.AddInMemoryCollection(
        from setting in settings.Split('|', StringSplitOptions.RemoveEmptyEntries)
        let split = setting.Split('=', 2)
        select new KeyValuePair<string, string?>(split[0], split[1]));
}
