using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>Reads how a call ended off its response.</summary>
static class ResponseStatus
{
    public static readonly StreamPipeReaderOptions PipeOptions = new(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024);

    /// <summary>A status among the headers, or a response that is no gRPC.</summary>
    /// <returns>Null where the call goes on.</returns>
    public static Status? OfHeaders(HttpResponseMessage response)
    {
        if (TryRead(response.Headers, out var status))
        {
            return status;
        }
        if (response.Version < HttpVersion.Version20)
        {
            return new Status(StatusCode.Internal, $"Bad gRPC response. Response protocol downgraded to HTTP/{response.Version.ToString(2)}.");
        }
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(FromHttp((int)response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }
        return Find(response.Content.Headers, "Content-Type") is not { } contentType
                ? new Status(StatusCode.Cancelled, "Bad gRPC response. Response did not have a content-type header.")
            : !Headers.IsGrpc(contentType) ? new Status(StatusCode.Cancelled, $"Bad gRPC response. Invalid content-type value: {contentType}")
            : null;
    }

    /// <summary>Call it at the end of the body: the trailers come after.</summary>
    public static Status OfTrailers(HttpResponseMessage response) => TryRead(response.TrailingHeaders, out var status)
        ? status
        : new Status(StatusCode.Cancelled, "No grpc-status found on response.");

    public static string EncodingOf(HttpResponseMessage response) => Find(response.Headers, Headers.Encoding) ?? "identity";

    /// <summary>The server's word on another attempt, where a response is its status alone.</summary>
    /// <returns>Milliseconds to wait, negative to make none; null where it does not say.</returns>
    public static int? PushbackOf(HttpResponseMessage response) => Find(response.Headers, Headers.Pushback) is { } text
        ? int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : -1
        : null;

    public static Metadata ToMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (name.ToLowerInvariant() is Headers.Status or Headers.Message or Headers.Encoding or Headers.AcceptEncoding)
            {
                continue;
            }
            foreach (var value in values)
            {
                Headers.AddTo(metadata, name, value);
            }
        }
        return metadata;
    }

    static bool TryRead(HttpHeaders headers, out Status status)
    {
        status = default;
        if (Find(headers, Headers.Status) is not { } code)
        {
            return false;
        }
        status = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Status((StatusCode)number, Uri.UnescapeDataString(Find(headers, Headers.Message) ?? ""))
            : new Status(StatusCode.Cancelled, $"Unexpected grpc-status value: {code}");
        return true;
    }

    static string? Find(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                return value;
            }
        }
        return null;
    }

    static StatusCode FromHttp(int status) => status switch
    {
        400 or 431 or (>= 100 and < 200) => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
