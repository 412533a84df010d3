using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace L2R.ServiceDefaults;

/// <summary>Refuses a call outside the gRPC framework, in the form that every gRPC client understands.</summary>
public static class GrpcAnswers
{
    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>An answer without a message: status and details travel as headers ("Trailers-Only").</summary>
    public static Task RefuseAsync(HttpContext context, StatusCode code, string domain, string reason, string message, params (string Key, string Value)[] metadata) =>
        RefuseAsync(context, code, domain, reason, message, detail: null, metadata);

    /// <param name="detail">Beside the <c>ErrorInfo</c>, such as <c>RetryInfo</c>.</param>
    public static Task RefuseAsync(
        HttpContext context, StatusCode code, string domain, string reason, string message, IMessage? detail, params (string Key, string Value)[] metadata)
    {
        var details = ApiErrors.Details(code, domain, reason, message, detail, metadata);
        var headers = context.Response.Headers;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Encode(details.Message);
        headers[ApiErrors.DetailsTrailer] = Convert.ToBase64String(details.ToByteArray());
        return context.Response.CompleteAsync();
    }

    /// <summary>A text as the header <c>grpc-message</c> carries it: UTF-8, where only '%' and what is not printable ASCII is escaped.</summary>
    /// <remarks>gRPC over HTTP/2, "Responses". Some clients don't decode more than they must.</remarks>
    internal static string Encode(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            _ = octet is >= 0x20 and <= 0x7E and not (byte)'%' ? encoded.Append((char)octet) : encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return encoded.ToString();
    }
}
