using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>The options that hold for one method: those of its service over those of all.</summary>
sealed class MethodSettings(GrpcServiceOptions all, GrpcServiceOptions service)
{
    public int? MaxSendMessageSize { get; } = service.IsMaxSendMessageSizeSet ? service.MaxSendMessageSize : all.MaxSendMessageSize;

    public int? MaxReceiveMessageSize { get; } =
        service.IsMaxReceiveMessageSizeSet ? service.MaxReceiveMessageSize
        : all.IsMaxReceiveMessageSizeSet ? all.MaxReceiveMessageSize
        : Frame.DefaultMaxReceiveSize;

    public bool EnableDetailedErrors { get; } = service.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false;

    public IReadOnlyList<InterceptorRegistration> Interceptors { get; } = [.. all.Interceptors, .. service.Interceptors];
}
