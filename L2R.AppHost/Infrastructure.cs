using L2R.AppHost.Local;
using L2R.AppHost.Stack;

namespace L2R.AppHost;

/// <summary>The servers that the services need.</summary>
/// <param name="Postgres">The server; each service makes its own database on it.</param>
/// <param name="Database">The connection string of a service's own database, under the database's name.</param>
sealed record Infrastructure(
    IResourceBuilder<IResourceWithConnectionString> Postgres,
    IResourceBuilder<IResourceWithConnectionString> RabbitMQ,
    Func<string, IResourceBuilder<IResourceWithConnectionString>> Database);

static class InfrastructureExtensions
{
    /// <summary>Containers where a container engine answers or the stack is published, else ordinary processes of this machine.</summary>
    /// <exception cref="MissingSoftwareException">Neither is possible here.</exception>
    public static Infrastructure AddInfrastructure(this IDistributedApplicationBuilder builder, StackOptions options) =>
        builder.ExecutionContext.IsPublishMode || (AppContext.TryGetSwitch("L2R.AppHost.Containers", out var possible) && possible && ContainerEngine.Answers())
            ? builder.AddContainers()
            : builder.AddLocalInfrastructure(options);

    static Infrastructure AddContainers(this IDistributedApplicationBuilder builder)
    {
        var postgres = builder.AddPostgres("postgres").WithDataVolume();
        var rabbitmq = builder.AddRabbitMQ("rabbitmq").WithDataVolume();
        return new(postgres, rabbitmq, name => postgres.AddDatabase(name));
    }
}
