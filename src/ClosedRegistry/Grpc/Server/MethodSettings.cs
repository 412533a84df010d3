using System.IO.Compression;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>The options that hold for one method: those of its service over those of all.</summary>
sealed class MethodSettings
{
    public MethodSettings(GrpcServiceOptions all, GrpcServiceOptions service)
    {
        MaxSendMessageSize = service.IsMaxSendMessageSizeSet ? service.MaxSendMessageSize : all.MaxSendMessageSize;
        MaxReceiveMessageSize =
            service.IsMaxReceiveMessageSizeSet ? service.MaxReceiveMessageSize
            : all.IsMaxReceiveMessageSizeSet ? all.MaxReceiveMessageSize
            : Frame.DefaultMaxReceiveSize;
        Encodings = new Encodings([.. all.CompressionProviders, .. service.CompressionProviders]);
        ResponseCompression = service.ResponseCompressionAlgorithm ?? all.ResponseCompressionAlgorithm;
        ResponseCompressionLevel = service.ResponseCompressionLevel ?? all.ResponseCompressionLevel;
        EnableDetailedErrors = service.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false;
        Interceptors = [.. all.Interceptors, .. service.Interceptors];
        if (ResponseCompression is not null && Encodings.Find(ResponseCompression) is null)
        {
            throw new InvalidOperationException(
                $"The configured response compression algorithm '{ResponseCompression}' does not have a matching compression provider.");
        }
    }

    public int? MaxSendMessageSize { get; }

    public int? MaxReceiveMessageSize { get; }

    public Encodings Encodings { get; }

    /// <summary>Null for none.</summary>
    public string? ResponseCompression { get; }

    /// <summary>Null for the provider's own.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; }

    public bool EnableDetailedErrors { get; }

    public IReadOnlyList<InterceptorRegistration> Interceptors { get; }
}
