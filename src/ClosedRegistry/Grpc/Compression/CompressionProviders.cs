using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>A way to compress messages.</summary>
public interface ICompressionProvider
{
    /// <summary>As <c>grpc-encoding</c> names it.</summary>
    string EncodingName { get; }

    /// <summary>Compresses into <paramref name="stream"/>, which stays open.</summary>
    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    /// <summary>Expands from <paramref name="stream"/>, which stays open.</summary>
    Stream CreateDecompressionStream(Stream stream);
}

/// <param name="defaultCompressionLevel">Where a message asks for none.</param>
public sealed class GzipCompressionProvider(CompressionLevel defaultCompressionLevel) : ICompressionProvider
{
    public string EncodingName => "gzip";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
}

/// <summary>The zlib format, as HTTP means by <c>deflate</c>.</summary>
/// <param name="defaultCompressionLevel">Where a message asks for none.</param>
public sealed class DeflateCompressionProvider(CompressionLevel defaultCompressionLevel) : ICompressionProvider
{
    public string EncodingName => "deflate";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new ZLibStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
}
