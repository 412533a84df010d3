using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Wire;

namespace Grpc.Net.Client;

static class RequestMessage
{
    /// <summary>A request as it travels, compressed where the metadata of the call ask for it.</summary>
    public static FramedMessage Serialize<TRequest>(
        GrpcChannel channel, Marshaller<TRequest> marshaller, CallOptions call, TRequest message, WriteOptions? writeOptions)
    {
        var framed = new FramedMessage(
            channel.Options.MaxSendMessageSize, Encodings.MayCompress(writeOptions) ? FindCompression(channel, call.Headers) : null);
        marshaller.ContextualSerializer(message, framed);
        return framed;
    }

    static ICompressionProvider? FindCompression(GrpcChannel channel, Metadata? headers) =>
        headers?.GetValue(Headers.EncodingRequest) is { } encoding and not Encodings.Identity
            ? channel.Encodings.Find(encoding) ?? throw new InvalidOperationException($"Could not find compression provider for '{encoding}'.")
            : null;
}
