namespace L2R.AppHost;

static class ServiceExtensions
{
    // What a host listens on unless told otherwise: its appsettings.json.
    const int InImageHttp = 8080;
    const int InImageGrpc = 8081;

    /// <summary>A host of L2R: <c>http</c> for HTTP/1.1, <c>grpc</c> for HTTP/2 in plain text, which Kestrel cannot serve on one port.</summary>
    public static IResourceBuilder<ProjectResource> AddHost<TProject>(this IDistributedApplicationBuilder builder, string name, TokenIssuer issuer)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name, project =>
            {
                project.ExcludeLaunchProfile = true;
                project.ExcludeKestrelEndpoints = true;
            })
            .WithHostEndpoint("Http", "http", "Http1", InImageHttp)
            .WithHostEndpoint("Grpc", "http2", "Http2", InImageGrpc)
            .WithEndpointsInEnvironment(_ => false) // Kestrel warns when it is told twice
            .WithIssuer(issuer)
            .WithHttpHealthCheck("/health/ready", endpointName: "http");

    /// <summary>One of the five services: a host with the broker and a database of its own, <c>{name}db</c>.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, Infrastructure infrastructure, TokenIssuer issuer)
        where TProject : IProjectMetadata, new() =>
        builder.AddHost<TProject>(name, issuer)
            .WithReference(infrastructure.Database($"{name}db"))
            .WithReference(infrastructure.RabbitMQ)
            // A server that crashed is on its way back: never give up on it.
            .WaitFor(infrastructure.Postgres, WaitBehavior.WaitOnResourceUnavailable)
            .WaitFor(infrastructure.RabbitMQ, WaitBehavior.WaitOnResourceUnavailable);

    /// <summary>The front door: knows where the services are, opens after them and closes before them.</summary>
    public static IResourceBuilder<ProjectResource> AddGateway<TProject>(
        this IDistributedApplicationBuilder builder, string name, TokenIssuer issuer, params IResourceBuilder<ProjectResource>[] services)
        where TProject : IProjectMetadata, new()
    {
        var gateway = builder.AddHost<TProject>(name, issuer).WithExternalHttpEndpoints();
        foreach (var service in services)
        {
            gateway.WithReference(service).WaitFor(service, WaitBehavior.WaitOnResourceUnavailable);
        }
        return gateway;
    }

    static IResourceBuilder<ProjectResource> WithHostEndpoint(
        this IResourceBuilder<ProjectResource> builder, string kestrelName, string transport, string protocols, int inImage)
    {
        var name = kestrelName.ToLowerInvariant();
        var isPublished = builder.ApplicationBuilder.ExecutionContext.IsPublishMode;
        builder.WithHttpEndpoint(name: name, targetPort: isPublished ? inImage : null).WithEndpoint(name, endpoint => endpoint.Transport = transport);
        if (isPublished)
        {
            return builder;
        }
        var port = builder.GetEndpoint(name).Property(EndpointProperty.TargetPort);
        return builder
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development")
            .WithEnvironment($"Kestrel__Endpoints__{kestrelName}__Url", ReferenceExpression.Create($"http://127.0.0.1:{port}"))
            .WithEnvironment($"Kestrel__Endpoints__{kestrelName}__Protocols", protocols);
    }

    static IResourceBuilder<ProjectResource> WithIssuer(this IResourceBuilder<ProjectResource> builder, TokenIssuer issuer)
    {
        issuer.Introduce(builder);
        return builder;
    }
}
