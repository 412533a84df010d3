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
    builder.AddService<Projects.L2R_Intake>("intake", infrastructure, key);

    return infrastructure;
});
