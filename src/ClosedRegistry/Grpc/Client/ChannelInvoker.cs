using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Starts calls on a channel. The call itself is the state of the call types, so that they need no closures.</summary>
sealed class ChannelInvoker(GrpcChannel channel) : CallInvoker
{
    static readonly Func<object, Task<Metadata>> Headers = static call => ((ICall)call).GetHeadersAsync();
    static readonly Func<object, Status> StatusOf = static call => ((ICall)call).GetStatus();
    static readonly Func<object, Metadata> Trailers = static call => ((ICall)call).GetTrailers();
    static readonly Action<object> Dispose = static call => ((ICall)call).Dispose();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (channel.Retries?.Of(method) is { } policy)
        {
            var retried = new RetriedCall<TRequest, TResponse>(channel, method, options, policy);
            retried.AddSingle(request);
            return new AsyncUnaryCall<TResponse>(retried.RunSingleAsync(), Headers, StatusOf, Trailers, Dispose, retried);
        }
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        return new AsyncUnaryCall<TResponse>(
            call.RunSingleAsync(new SingleRequest<TRequest, TResponse>(call, request)), Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (channel.Retries?.Of(method) is { } policy)
        {
            var retried = new RetriedCall<TRequest, TResponse>(channel, method, options, policy);
            retried.AddSingle(request);
            return new AsyncServerStreamingCall<TResponse>(retried.RunStream(), Headers, StatusOf, Trailers, Dispose, retried);
        }
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        return new AsyncServerStreamingCall<TResponse>(
            call.RunStream(new SingleRequest<TRequest, TResponse>(call, request)), Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        if (channel.Retries?.Of(method) is { } policy)
        {
            var retried = new RetriedCall<TRequest, TResponse>(channel, method, options, policy);
            return new AsyncClientStreamingCall<TRequest, TResponse>(
                new RetriedRequestStream<TRequest, TResponse>(retried), retried.RunSingleAsync(), Headers, StatusOf, Trailers, Dispose, retried);
        }
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var requests = new ClientRequestStream<TRequest, TResponse>(call);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            requests, call.RunSingleAsync(requests.Content), Headers, StatusOf, Trailers, Dispose, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        if (channel.Retries?.Of(method) is { } policy)
        {
            var retried = new RetriedCall<TRequest, TResponse>(channel, method, options, policy);
            return new AsyncDuplexStreamingCall<TRequest, TResponse>(
                new RetriedRequestStream<TRequest, TResponse>(retried), retried.RunStream(), Headers, StatusOf, Trailers, Dispose, retried);
        }
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var requests = new ClientRequestStream<TRequest, TResponse>(call);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            requests, call.RunStream(requests.Content), Headers, StatusOf, Trailers, Dispose, call);
    }
}
