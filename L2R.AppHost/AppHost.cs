using L2R.AppHost;
using L2R.AppHost.Stack;

return await StackHost.RunAsync(args, (builder, options) =>
{
    var infrastructure = builder.AddInfrastructure(options);
    return infrastructure;
});
