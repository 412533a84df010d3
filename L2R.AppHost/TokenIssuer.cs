namespace L2R.AppHost;

/// <summary>Whose tokens the hosts take.</summary>
/// <param name="Key">Of this checkout, where the stack is run.</param>
/// <param name="Authority">The address of the deployment's OIDC issuer, a parameter, where the stack is published.</param>
sealed record TokenIssuer(DevSigningKey? Key, IResourceBuilder<ParameterResource>? Authority)
{
    public static TokenIssuer Choose(IDistributedApplicationBuilder builder, string artifactsDirectory) =>
        builder.ExecutionContext.IsPublishMode
            ? new(Key: null, builder.AddParameter("oidc-authority"))
            : new(DevSigningKey.LoadOrCreate(artifactsDirectory), Authority: null);

    public void Introduce(IResourceBuilder<ProjectResource> host)
    {
        host.WithEnvironment("Authentication__Audience", DevSigningKey.Audience);
        if (Authority is not null)
        {
            host.WithEnvironment("Authentication__Authority", Authority);
        }
        else
        {
            host.WithEnvironment("Authentication__Issuer", DevSigningKey.Issuer).WithEnvironment("Authentication__PublicKey", Key!.PublicPem);
        }
    }
}
