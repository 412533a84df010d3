using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace L2R.ServiceDefaults;

/// <summary>Adds details to the errors that the gRPC framework raises before a service is asked.</summary>
static class FrameworkErrors
{
    const string Domain = "service.l2r";

    public static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);

        var headers = context.Response.Headers;
        // An error before any message travels as headers alone ("Trailers-Only"), which can still be added to.
        if (context.Response.HasStarted || headers.ContainsKey(ApiErrors.DetailsTrailer))
        {
            return;
        }
        var explanation = headers["grpc-status"].ToString() switch
        {
            // The framework fails so, where the caller is to blame: what a service throws has got details from CallGuard.
            "2" => UnreadableDetails(context.Request.Path),
            "8" => ApiErrors.Details(StatusCode.ResourceExhausted, Domain, "MESSAGE_TOO_LARGE",
                "A message may have at most 4 MiB. Send less at once; for bulk use ImportTransitions.", detail: null),
            "12" => ApiErrors.Details(StatusCode.Unimplemented, Domain, "METHOD_UNKNOWN",
                $"{context.Request.Path} is not served here. Check the address and the version of the contract.", detail: null,
                ("method", context.Request.Path)),
            _ => null,
        };
        if (explanation is not null)
        {
            headers["grpc-status"] = explanation.Code.ToString(CultureInfo.InvariantCulture);
            headers["grpc-message"] = GrpcAnswers.Encode(explanation.Message);
            headers[ApiErrors.DetailsTrailer] = Convert.ToBase64String(explanation.ToByteArray());
        }
    }

    /// <summary>INVALID_ARGUMENT: what was sent is no message of the method.</summary>
    public static RpcException Unreadable(string method)
    {
        var details = UnreadableDetails(method);
        return new(new Grpc.Core.Status(StatusCode.InvalidArgument, details.Message), new Metadata { { ApiErrors.DetailsTrailer, details.ToByteArray() } });
    }

    static Rpc.Status UnreadableDetails(string method) => ApiErrors.Details(StatusCode.InvalidArgument, Domain, "MESSAGE_UNREADABLE",
        $"What was sent cannot be read as a request of {method}. Send the message that the contract names, as protobuf.", detail: null, ("method", method));
}
