using L2R.AppHost.Stack;

namespace L2R.AppHost.Local;

/// <summary>PostgreSQL and RabbitMQ as ordinary processes, private to this checkout: own data, free ports, loopback, random passwords.</summary>
static class LocalInfrastructure
{
    public static Infrastructure AddLocalInfrastructure(this IDistributedApplicationBuilder builder, StackOptions options)
    {
        var software = LocalSoftware.Find();
        var folder = DataFolder.Prepare(options, software);
        var secrets = LocalSecrets.LoadOrCreate(Path.Combine(folder.Path, "secrets.json"));

        var postgres = builder.AddLocalPostgres(software, folder, secrets, options.Ports, durable: !options.InfrastructureOnly);
        var rabbitmq = builder.AddLocalRabbitMQ(software, folder, secrets, options.Ports);
        return new(postgres, rabbitmq, name => builder.AddConnectionString(name, ReferenceExpression.Create($"{postgres};Database={name}")));
    }
}

/// <summary>A server of this machine, which others reach by its connection string.</summary>
sealed class LocalServer(string name, string command, string workingDirectory, string connectionString)
    : ExecutableResource(name, command, workingDirectory), IResourceWithConnectionString
{
    public ReferenceExpression ConnectionStringExpression { get; } = ReferenceExpression.Create($"{connectionString}");
}
