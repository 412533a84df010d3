using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>Headers and trailers of a response.</summary>
static class GrpcResponse
{
    static readonly HashSet<string> ProtocolHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        Headers.Encoding, Headers.AcceptEncoding, Headers.Timeout, "content-encoding", "content-type", "te", "host", "accept-encoding",
    };

    static readonly string[] Codes = [.. Enumerable.Range(0, 17).Select(code => code.ToString())];

    /// <summary>Headers that handlers do not see.</summary>
    public static bool IsOfTheProtocol(string name) => name.StartsWith(':') || ProtocolHeaders.Contains(name);

    /// <summary>Before the first message they are the headers themselves: a response of trailers only.</summary>
    public static IHeaderDictionary Trailers(HttpResponse response) =>
        !response.HasStarted ? response.Headers
        : response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers ? trailers
        : throw new InvalidOperationException("Trailers are not supported for this response. The server may not support gRPC.");

    public static void Append(IHeaderDictionary headers, Metadata.Entry entry, string kind)
    {
        try
        {
            headers.Append(entry.Key, entry.WireValue);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Error adding response {kind} '{entry.Key}'.", exception);
        }
    }

    public static void SetStatus(IHeaderDictionary trailers, Status status)
    {
        var code = (int)status.StatusCode;
        trailers.GrpcStatus = code < Codes.Length ? Codes[code] : code.ToString();
        trailers.GrpcMessage = string.IsNullOrEmpty(status.Detail) ? default : Headers.PercentEncode(status.Detail);
    }

    /// <summary>Refuses a request that is no gRPC call.</summary>
    public static Task Refuse(HttpContext http, int httpStatus, string detail)
    {
        http.Response.StatusCode = httpStatus;
        SetStatus(Trailers(http.Response), new Status(StatusCode.Internal, detail));
        return Task.CompletedTask;
    }

    public static Task Unimplemented(HttpContext http, string detail)
    {
        http.Response.ContentType = Headers.ContentType;
        SetStatus(Trailers(http.Response), new Status(StatusCode.Unimplemented, detail));
        return Task.CompletedTask;
    }
}
