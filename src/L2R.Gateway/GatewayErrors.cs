using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.ServiceDefaults;

namespace L2R.Gateway;

/// <summary>Says in gRPC's own form why a call did not reach a service.</summary>
static class GatewayErrors
{
    const string Domain = "gateway.l2r";

    public static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);

        if (!context.Response.HasStarted
            && GrpcAnswers.IsGrpc(context.Request)
            && context.Response.StatusCode is StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout)
        {
            await GrpcAnswers.RefuseAsync(context, StatusCode.Unavailable, Domain, "SERVICE_UNAVAILABLE",
                "The service behind this call does not answer. It may have done what was asked: a call with a request_id is repeated "
                + "with the same one, and not done twice; one without is done again.",
                new Rpc.RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        }
    }
}
