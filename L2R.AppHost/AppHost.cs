using L2R.AppHost;
using L2R.AppHost.Stack;

return await StackHost.RunAsync(args, (builder, options) =>
{
    // What `aspire publish` writes; where the stack is run it means nothing. One at a time: two would need a choice for each service.
    if (builder.Configuration["publish-to"] == "kubernetes")
    {
        builder.AddKubernetesEnvironment("kubernetes");
    }
    else
    {
        builder.AddDockerComposeEnvironment("compose");
    }

    var infrastructure = builder.AddInfrastructure(options);
    if (options.InfrastructureOnly)
    {
        return infrastructure;
    }
    var issuer = TokenIssuer.Choose(builder, options.ArtifactsDirectory);

    // In the order in which a lead meets them.
    var intake = builder.AddService<Projects.L2R_Intake>("intake", infrastructure, issuer);
    var scoring = builder.AddService<Projects.L2R_Scoring>("scoring", infrastructure, issuer);
    var handoff = builder.AddService<Projects.L2R_Handoff>("handoff", infrastructure, issuer);
    var opportunity = builder.AddService<Projects.L2R_Opportunity>("opportunity", infrastructure, issuer);
    var metrics = builder.AddService<Projects.L2R_Metrics>("metrics", infrastructure, issuer);

    builder.AddGateway<Projects.L2R_Gateway>("gateway", issuer, intake, scoring, handoff, opportunity, metrics);
    return infrastructure;
});
