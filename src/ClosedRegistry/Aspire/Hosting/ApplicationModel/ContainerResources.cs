namespace Aspire.Hosting.ApplicationModel;

public abstract class ContainerResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    private protected ContainerResource(string name)
        : base(name)
    {
    }
}

public abstract class ServerResource : ContainerResource, IResourceWithConnectionString
{
    private protected ServerResource(string name)
        : base(name)
    {
    }

    public ReferenceExpression ConnectionStringExpression => throw PostgresBuilderExtensions.ContainerEngineNeeded(Name);
}

public class PostgresServerResource(string name) : ServerResource(name);

public class PostgresDatabaseResource(string name, PostgresServerResource parent)
    : ServerResource(name), IResourceWithParent<PostgresServerResource>
{
    public PostgresServerResource Parent { get; } = parent;
}

public class RabbitMQServerResource(string name) : ServerResource(name);
