using L2R.AppHost;
using L2R.AppHost.Stack;

return await StackHost.RunAsync(args, (builder, options) =>
{
    var infrastructure = builder.AddInfrastructure(options);
    if (options.InfrastructureOnly)
    {
        return infrastructure;
    }
    var key = DevSigningKey.LoadOrCreate(options.ArtifactsDirectory);

    // In the order in which a lead meets them.
    var intake = builder.AddService<Projects.L2R_Intake>("intake", infrastructure, key);
    var scoring = builder.AddService<Projects.L2R_Scoring>("scoring", infrastructure, key);
    var handoff = builder.AddService<Projects.L2R_Handoff>("handoff", infrastructure, key);
    var opportunity = builder.AddService<Projects.L2R_Opportunity>("opportunity", infrastructure, key);
    var metrics = builder.AddService<Projects.L2R_Metrics>("metrics", infrastructure, key);

    builder.AddGateway<Projects.L2R_Gateway>("gateway", key, intake, scoring, handoff, opportunity, metrics);
    return infrastructure;
});
