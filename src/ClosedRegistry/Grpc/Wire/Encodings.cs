using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Wire;

/// <summary>The encodings that one side reads and writes. Of two providers of one name the later counts.</summary>
sealed class Encodings
{
    public const string Identity = "identity";

    /// <summary>What is used unless the options say otherwise.</summary>
    public static readonly Encodings Default =
        new([new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)]);

    readonly OrderedDictionary<string, ICompressionProvider> _providers = new(StringComparer.Ordinal);

    public Encodings(IEnumerable<ICompressionProvider> providers)
    {
        foreach (var provider in providers)
        {
            _providers[provider.EncodingName] = provider;
        }
        Names = string.Join(',', [Identity, .. _providers.Keys]);
    }

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    public string Names { get; }

    /// <returns>Null for identity, for nothing, and for what is unknown.</returns>
    public ICompressionProvider? Find(string? encoding) => encoding is null ? null : _providers.GetValueOrDefault(encoding);

    /// <returns>True where messages may be compressed as far as these options say.</returns>
    public static bool MayCompress(WriteOptions? options) => (options?.Flags & WriteFlags.NoCompress) != WriteFlags.NoCompress;

    /// <summary>How to expand what a peer compressed.</summary>
    /// <param name="encoding">What it said in <c>grpc-encoding</c>.</param>
    public ICompressionProvider Expanding(string? encoding) => Find(encoding) ?? throw new RpcException(encoding switch
    {
        null => new Status(StatusCode.Internal, "Request did not include grpc-encoding value with compressed message."),
        Identity => new Status(StatusCode.Internal, "Request sent 'identity' grpc-encoding value with compressed message."),
        _ => new Status(
            StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {Names.Replace(",", ", ", StringComparison.Ordinal)}"),
    });
}
