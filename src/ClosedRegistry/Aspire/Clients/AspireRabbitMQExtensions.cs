using Aspire;
using Aspire.RabbitMQ.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Microsoft.Extensions.Hosting;

public static class AspireRabbitMQExtensions
{
    const string Section = "Aspire:RabbitMQ:Client";

    /// <summary>Registers <see cref="IConnectionFactory"/>, <see cref="IConnection"/> and the health check <c>RabbitMQ.Client</c>.</summary>
    /// <param name="connectionName">The name of the connection string, an AMQP URI.</param>
    public static void AddRabbitMQClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        var settings = new RabbitMQClientSettings();
        ClientConfiguration.Bind(builder.Configuration, Section, connectionName, settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.TryAddSingleton<IConnectionFactory>(_ =>
        {
            var factory = new ConnectionFactory();
            builder.Configuration.GetSection($"{Section}:ConnectionFactory").Bind(factory);
            builder.Configuration.GetSection($"{Section}:{connectionName}:ConnectionFactory").Bind(factory);
            if (settings.ConnectionString is { Length: > 0 } uri)
            {
                factory.Uri = new(uri); // without, it is the broker of this machine
            }
            configureConnectionFactory?.Invoke(factory);
            return factory;
        });
        // Containers construct synchronously.
        builder.Services.TryAddSingleton(services => ConnectAsync(
            services.GetRequiredService<IConnectionFactory>(),
            settings.MaxConnectRetryCount,
            services.GetService<TimeProvider>() ?? TimeProvider.System).GetAwaiter().GetResult());

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new(
                "RabbitMQ.Client", services => new RabbitMQHealthCheck(services), failureStatus: null, tags: null));
        }
    }

    // The wait doubles with each try, from a second.
    static async Task<IConnection> ConnectAsync(IConnectionFactory factory, int retries, TimeProvider clock)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await factory.CreateConnectionAsync().ConfigureAwait(false);
            }
            catch (BrokerUnreachableException) when (tries < retries)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 << tries), clock).ConfigureAwait(false);
            }
        }
    }

    sealed class RabbitMQHealthCheck(IServiceProvider services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var connection = services.GetRequiredService<IConnection>();
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException)
            {
                return new(context.Registration.FailureStatus, exception.Message, exception);
            }
        }
    }
}
