using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

static partial class ServerLog
{
    public const string Category = "Grpc.AspNetCore.Server.ServerCallHandler";

    [LoggerMessage(2, LogLevel.Information, "Error status code '{StatusCode}' with detail '{Detail}' raised.", EventName = "RpcConnectionError")]
    public static partial void Raised(ILogger logger, StatusCode statusCode, string detail, Exception? exception);

    [LoggerMessage(6, LogLevel.Error, "Error when executing service method '{ServiceMethod}'.", EventName = "ErrorExecutingServiceMethod")]
    public static partial void Failed(ILogger logger, string serviceMethod, Exception exception);

    [LoggerMessage(24, LogLevel.Information, "Service method '{ServiceMethod}' canceled.", EventName = "ServiceMethodCanceled")]
    public static partial void Canceled(ILogger logger, string serviceMethod, Exception exception);

    [LoggerMessage(17, LogLevel.Debug, "Deadline of '{ServiceMethod}' exceeded.", EventName = "DeadlineExceeded")]
    public static partial void DeadlineExceeded(ILogger logger, string serviceMethod);

    [LoggerMessage(20, LogLevel.Error, "Error when ending '{ServiceMethod}' at its deadline.", EventName = "DeadlineCancellationError")]
    public static partial void DeadlineFailed(ILogger logger, string serviceMethod, Exception exception);

    [LoggerMessage(1, LogLevel.Warning, "No gRPC methods discovered for {ServiceType}: it has no generated base class.", EventName = "NoServiceMethodsDiscovered")]
    public static partial void NoMethods(ILogger logger, Type serviceType);
}
