using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Servers that the real packages run as containers, which the stand-in cannot.</summary>
public static class PostgresBuilderExtensions
{
    /// <exception cref="DistributedApplicationException">Always: it needs a container engine.</exception>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null) => throw ContainerEngineNeeded(name);

    /// <exception cref="DistributedApplicationException">Always: it needs a container engine.</exception>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) => throw ContainerEngineNeeded(name);

    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;

    internal static DistributedApplicationException ContainerEngineNeeded(string name) => new(
        $"'{name}' is a container: it needs a container engine and the real Aspire packages, which this package registry does not serve.");
}

public static class RabbitMQBuilderExtensions
{
    /// <exception cref="DistributedApplicationException">Always: it needs a container engine.</exception>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null) => throw PostgresBuilderExtensions.ContainerEngineNeeded(name);

    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
}
