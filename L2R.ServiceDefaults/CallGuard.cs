using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>Stands before every rpc: refuses fields that this version does not know, and gives failures their status.</summary>
/// <remarks>
/// An unknown field is refused because dropping it would lose what the caller said: it comes from a newer contract.
/// Only our own outcomes and a lost database are mapped; everything else is our bug, INTERNAL, and stays in the log.
/// </remarks>
public sealed partial class CallGuard(ILogger<CallGuard> logger) : Interceptor
{
    const string Domain = "service.l2r";

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        RefuseUnknownFields(request);
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (Map(exception, context) is { } mapped)
        {
            throw mapped;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        RefuseUnknownFields(request);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (Map(exception, context) is { } mapped)
        {
            throw mapped;
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(new KnownFields<TRequest>(requestStream), responseStream, context);
        }
        catch (Exception exception) when (Map(exception, context) is { } mapped)
        {
            throw mapped;
        }
    }

    static void RefuseUnknownFields(object request)
    {
        if (request is IMessage message && UnknownFields.Has(message))
        {
            throw ApiErrors.Create(StatusCode.InvalidArgument, Domain, "FIELDS_UNKNOWN",
                $"The request has fields that this version of {message.Descriptor.FullName} does not know. Call a newer service, or leave them out.",
                ("message", message.Descriptor.FullName));
        }
    }

    RpcException? Map(Exception exception, ServerCallContext context)
    {
        switch (exception)
        {
            case RpcException:
                return null;
            case InvalidProtocolBufferException: // of a stream; a single request is read before this is asked
                return FrameworkErrors.Unreadable(context.Method);
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
            case IOException: // the connection, or the caller's half of the stream: files and sockets of our own there are none
                return new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "The caller went away, or its deadline passed."));
            case NpgsqlException { IsTransient: true }:
                LogStorageUnavailable(context.Method, exception);
                return ApiErrors.Create(StatusCode.Unavailable, Domain, "STORAGE_UNAVAILABLE",
                    "The database is not answering. Try again: if this call was stored after all, the same request_id keeps it from being done twice.",
                    new Rpc.RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
            default:
                var trace = Activity.Current?.TraceId.ToString() ?? "";
                LogFailed(context.Method, trace, exception);
                return ApiErrors.Create(StatusCode.Internal, Domain, "INTERNAL",
                    $"A fault of the service; its log says more under trace {trace}.", ("trace", trace));
        }
    }

    /// <summary>The requests of a stream, each looked at before the service gets it.</summary>
    sealed class KnownFields<T>(IAsyncStreamReader<T> requests) : IAsyncStreamReader<T>
        where T : class
    {
        public T Current => requests.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var more = await requests.MoveNext(cancellationToken);
            if (more)
            {
                RefuseUnknownFields(requests.Current);
            }
            return more;
        }
    }

    [LoggerMessage(EventId = 10, EventName = "call.storage.unavailable", Level = LogLevel.Warning, Message = "{Method}: the database is not answering.")]
    partial void LogStorageUnavailable(string method, Exception exception);

    [LoggerMessage(EventId = 11, EventName = "call.failed", Level = LogLevel.Error, Message = "{Method} failed (trace {Trace}).")]
    partial void LogFailed(string method, string trace, Exception exception);
}
