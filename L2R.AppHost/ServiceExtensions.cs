namespace L2R.AppHost;

static class ServiceExtensions
{
    /// <summary>A host of L2R: <c>http</c> for HTTP/1.1, <c>grpc</c> for HTTP/2 in plain text, which Kestrel cannot serve on one port.</summary>
    public static IResourceBuilder<ProjectResource> AddHost<TProject>(this IDistributedApplicationBuilder builder, string name, DevSigningKey key)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name, project =>
            {
                project.ExcludeLaunchProfile = true;
                project.ExcludeKestrelEndpoints = true;
            })
            .WithHttpEndpoint(name: "http")
            .WithHttpEndpoint(name: "grpc")
            .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
            .WithKestrelEndpoint("Http", "Http1")
            .WithKestrelEndpoint("Grpc", "Http2")
            .WithEndpointsInEnvironment(_ => false) // Kestrel warns when it is told twice
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development")
            .WithEnvironment("Authentication__Issuer", DevSigningKey.Issuer)
            .WithEnvironment("Authentication__Audience", DevSigningKey.Audience)
            .WithEnvironment("Authentication__PublicKey", key.PublicPem)
            .WithHttpHealthCheck("/health/ready", endpointName: "http");

    /// <summary>One of the five services: a host with the broker and a database of its own, <c>{name}db</c>.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, Infrastructure infrastructure, DevSigningKey key)
        where TProject : IProjectMetadata, new() =>
        builder.AddHost<TProject>(name, key)
            .WithReference(infrastructure.Database($"{name}db"))
            .WithReference(infrastructure.RabbitMQ)
            // A server that crashed is on its way back: never give up on it.
            .WaitFor(infrastructure.Postgres, WaitBehavior.WaitOnResourceUnavailable)
            .WaitFor(infrastructure.RabbitMQ, WaitBehavior.WaitOnResourceUnavailable);

    /// <summary>The front door: knows where the services are, opens after them and closes before them.</summary>
    public static IResourceBuilder<ProjectResource> AddGateway<TProject>(
        this IDistributedApplicationBuilder builder, string name, DevSigningKey key, params IResourceBuilder<ProjectResource>[] services)
        where TProject : IProjectMetadata, new()
    {
        var gateway = builder.AddHost<TProject>(name, key).WithExternalHttpEndpoints();
        foreach (var service in services)
        {
            gateway.WithReference(service).WaitFor(service, WaitBehavior.WaitOnResourceUnavailable);
        }
        return gateway;
    }

    static IResourceBuilder<ProjectResource> WithKestrelEndpoint(this IResourceBuilder<ProjectResource> builder, string name, string protocols)
    {
        var port = builder.GetEndpoint(name.ToLowerInvariant()).Property(EndpointProperty.TargetPort);
        return builder
            .WithEnvironment($"Kestrel__Endpoints__{name}__Url", ReferenceExpression.Create($"http://127.0.0.1:{port}"))
            .WithEnvironment($"Kestrel__Endpoints__{name}__Protocols", protocols);
    }
}
