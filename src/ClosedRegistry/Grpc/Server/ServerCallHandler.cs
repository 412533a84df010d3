using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Serves one method: checks the request, runs the call, ends it.</summary>
abstract class ServerCallHandler<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodSettings settings, ILogger logger)
    where TRequest : class
    where TResponse : class
{
    public Task HandleAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.ContentType is not { } contentType)
        {
            return GrpcResponse.Refuse(http, StatusCodes.Status415UnsupportedMediaType, "Content-Type is missing from the request.");
        }
        if (!Headers.IsGrpc(contentType))
        {
            return GrpcResponse.Refuse(http, StatusCodes.Status415UnsupportedMediaType, $"Content-Type '{contentType}' is not supported.");
        }
        if (!HttpProtocol.IsHttp2(request.Protocol) && !HttpProtocol.IsHttp3(request.Protocol))
        {
            http.Response.Headers.Upgrade = HttpProtocol.Http2;
            return GrpcResponse.Refuse(
                http, StatusCodes.Status426UpgradeRequired, $"Request protocol '{request.Protocol}' is not supported.");
        }
        return ServeAsync(http);
    }

    async Task ServeAsync(HttpContext http)
    {
        http.Response.ContentType = Headers.ContentType;
        var call = new HttpServerCallContext(http, settings, logger);
        try
        {
            await RunAsync(call);
            await call.EndAsync();
        }
        catch (Exception exception)
        {
            // Whatever a handler throws becomes the status of its call.
            await call.FailAsync(exception, method.Name);
        }
    }

    protected abstract Task RunAsync(HttpServerCallContext call);

    protected async ValueTask<TRequest> ReadRequestAsync(HttpServerCallContext call)
    {
        var messages = new MessageReader<TRequest>(
            call.Http.Request.BodyReader, method.RequestMarshaller.ContextualDeserializer, settings.MaxReceiveMessageSize, settings.Encodings,
            call.RequestEncoding);
        return await messages.ReadSingleAsync(CancellationToken.None)
            ?? throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
    }

    /// <param name="response">Null is an error of the handler.</param>
    protected ValueTask WriteResponseAsync(HttpServerCallContext call, TResponse? response) =>
        response is null ? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."))
        : call.HasEnded ? ValueTask.CompletedTask
        : call.WriteAsync(response, method.ResponseMarshaller.ContextualSerializer);

    protected RequestStream<TRequest> OpenRequestStream(HttpServerCallContext call)
    {
        // A stream may be slow, and long.
        if (call.Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } dataRate)
        {
            dataRate.MinDataRate = null;
        }
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }
        DisableRequestTimeout(call.Http);
        return new RequestStream<TRequest>(call, method.RequestMarshaller.ContextualDeserializer);
    }

    protected ResponseStream<TResponse> OpenResponseStream(HttpServerCallContext call)
    {
        DisableRequestTimeout(call.Http);
        return new ResponseStream<TResponse>(call, method.ResponseMarshaller.ContextualSerializer);
    }

    static void DisableRequestTimeout(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestTimeoutFeature>() is { } timeout
            && http.GetEndpoint()?.Metadata is var metadata
            && metadata?.GetMetadata<RequestTimeoutAttribute>() is null
            && metadata?.GetMetadata<RequestTimeoutPolicy>() is null)
        {
            timeout.DisableTimeout();
        }
    }
}

sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodSettings settings, ILogger logger, UnaryServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandler<TRequest, TResponse>(method, settings, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var request = await ReadRequestAsync(call);
        await WriteResponseAsync(call, await invoke(request, call));
    }
}

sealed class ClientStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodSettings settings, ILogger logger, ClientStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandler<TRequest, TResponse>(method, settings, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var requests = OpenRequestStream(call);
        try
        {
            await WriteResponseAsync(call, await invoke(requests, call));
        }
        finally
        {
            requests.End();
        }
    }
}

sealed class ServerStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodSettings settings, ILogger logger, ServerStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandler<TRequest, TResponse>(method, settings, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var request = await ReadRequestAsync(call);
        var responses = OpenResponseStream(call);
        try
        {
            await invoke(request, responses, call);
        }
        finally
        {
            responses.End();
        }
    }
}

sealed class DuplexStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodSettings settings, ILogger logger, DuplexStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandler<TRequest, TResponse>(method, settings, logger)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var requests = OpenRequestStream(call);
        var responses = OpenResponseStream(call);
        try
        {
            await invoke(requests, responses, call);
        }
        finally
        {
            requests.End();
            responses.End();
        }
    }
}
