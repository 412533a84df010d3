using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace L2R.ServiceDefaults.Tests;

public sealed class ReflectionTests
{
    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task A_service_tells_its_contract_in_development_only(string environment, bool tells)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection([new("Authentication:Authority", "https://issuer.example")]);
        await using var app = builder.AddServiceDefaults().Build();

        app.MapDefaultEndpoints();

        var routes = ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText);
        string[] reflection = ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"];
        Assert.Equal(tells ? reflection : [], routes.OfType<string>().Where(route => reflection.Contains(route)).Order());
    }
}
