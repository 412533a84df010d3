using L2R.Gateway;
using L2R.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();      // telemetry, health, tokens, clock
builder.AddServiceRoutes("intake", "scoring", "handoff", "opportunity", "metrics");

var app = builder.Build();

app.Use(GatewayErrors.ExplainAsync);
app.MapDefaultEndpoints();
app.MapReverseProxy();

await app.RunAsync();
