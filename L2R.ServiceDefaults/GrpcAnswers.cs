using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace L2R.ServiceDefaults;

/// <summary>Refuses a call outside the gRPC framework, in the form that every gRPC client understands.</summary>
public static class GrpcAnswers
{
    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>An answer without a message: status and details travel as headers ("Trailers-Only").</summary>
    public static Task RefuseAsync(HttpContext context, StatusCode code, string domain, string reason, string message)
    {
        var headers = context.Response.Headers;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(message);
        headers[ApiErrors.DetailsTrailer] = Convert.ToBase64String(ApiErrors.Details(code, domain, reason, message, detail: null).ToByteArray());
        return context.Response.CompleteAsync();
    }
}
