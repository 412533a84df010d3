var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/health/ready", () => "ready");
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/protocol", (HttpRequest request) => request.Protocol);

await app.RunAsync();
