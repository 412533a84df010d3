using L2R.AppHost;
using L2R.AppHost.Local;
using L2R.AppHost.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

return await StackHost.RunAsync(args, (builder, options) =>
{
    var infrastructure = new Infrastructure(
        builder.AddScript("postgres", options),
        builder.AddScript("rabbitmq", options),
        name => builder.AddConnectionString(name, ReferenceExpression.Create($"Database={name}")));
    var issuer = TokenIssuer.Choose(builder, options.StateDirectory);
    var intake = builder.AddService<Projects.L2R_AppHost_Tests_Service>("intake", infrastructure, issuer);
    builder.AddGateway<Projects.L2R_AppHost_Tests_Service>("gateway", issuer, intake);
    return infrastructure;
});

static class Scripts
{
    // Says in DIR/events when it starts and when it is asked to stop. Healthy while there is a file DIR/{name}.ready, broken while there is
    // a file DIR/{name}.broken.
    const string Server = """
        trap 'echo "$0 stops" >> events; exit 0' TERM
        echo "$0 starts" >> events
        echo "{\"Timestamp\":\"now\",\"LogLevel\":\"Warning\",\"Message\":\"$0 says: hello\"}"
        test ! -e "$0.broken" || { echo "$0 says: broken" >&2; exit 3; }
        while :; do sleep 0.05 & wait $!; done
        """;

    public static IResourceBuilder<LocalServer> AddScript(this IDistributedApplicationBuilder builder, string name, StackOptions options)
    {
        var ready = Path.Combine(options.StateDirectory, $"{name}.ready");
        builder.Services.AddHealthChecks().AddCheck(
            $"{name}_check", () => File.Exists(ready) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        return builder.AddResource(new LocalServer(name, "sh", options.StateDirectory, $"Server={name}"))
            .WithArgs("-c", Server, name)
            .WithHealthCheck($"{name}_check");
    }
}
