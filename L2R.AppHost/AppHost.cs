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
    var metrics = builder.AddService<Projects.L2R_Metrics>("metrics", infrastructure, key);

    builder.AddGateway<Projects.L2R_Gateway>("gateway", key, intake, metrics);
    return infrastructure;
});
