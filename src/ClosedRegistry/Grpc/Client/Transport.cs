using System.Net.Sockets;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>What an error of HTTP or of the network means for a call.</summary>
static class Transport
{
    public static Status Explain(string summary, Exception exception) => exception switch
    {
        RpcException rpc => rpc.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, "", exception),
        _ => new Status(CodeOf(exception), $"{summary} {ExceptionText.Describe(exception)}", exception),
    };

    static StatusCode CodeOf(Exception exception)
    {
        StatusCode? http2 = null;
        var isNetwork = false;
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is HttpProtocolException protocol)
            {
                http2 = FromHttp2(protocol.ErrorCode);
            }
            isNetwork |= current is SocketException or IOException;
        }
        return http2 ?? (isNetwork ? StatusCode.Unavailable : StatusCode.Internal);
    }

    // The table of the gRPC specification, for the error codes of RFC 9113, section 7.
    static StatusCode FromHttp2(long code) => code switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };
}
