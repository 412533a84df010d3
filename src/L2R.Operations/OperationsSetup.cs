using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace L2R.Operations;

/// <summary>Makes what flows through a service visible, and keeps its tables from growing for ever.</summary>
public static class OperationsSetup
{
    /// <summary>Registers the operations rpc, readiness that tells what is stuck, and retention; after the bus.</summary>
    public static IHostApplicationBuilder AddOperations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<OperationsOptions>().BindConfiguration("Operations").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OutboxQueue>();
        builder.Services.AddSingleton<BrokerQueues>();
        builder.Services.AddHealthChecks().AddCheck<FlowCheck>("flow");
        builder.Services.AddHostedService<Retention>();
        return builder;
    }

    /// <summary>Serves <c>l2r.operations.v1.OperationsService</c>.</summary>
    public static void MapOperations(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<OperationsApi>();
}
