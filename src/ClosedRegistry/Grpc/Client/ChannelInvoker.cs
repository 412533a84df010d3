using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Starts calls on a channel. The call itself is the state of the call types, so that they need no closures.</summary>
sealed class ChannelInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        return new AsyncUnaryCall<TResponse>(
            call.RunSingleAsync(new SingleRequest<TRequest, TResponse>(call, request)),
            HeadersOf<TRequest, TResponse>, StatusOf<TRequest, TResponse>, TrailersOf<TRequest, TResponse>, Dispose<TRequest, TResponse>, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        return new AsyncServerStreamingCall<TResponse>(
            call.RunStream(new SingleRequest<TRequest, TResponse>(call, request)),
            HeadersOf<TRequest, TResponse>, StatusOf<TRequest, TResponse>, TrailersOf<TRequest, TResponse>, Dispose<TRequest, TResponse>, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var requests = new ClientRequestStream<TRequest, TResponse>(call);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            requests, call.RunSingleAsync(requests.Content),
            HeadersOf<TRequest, TResponse>, StatusOf<TRequest, TResponse>, TrailersOf<TRequest, TResponse>, Dispose<TRequest, TResponse>, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var requests = new ClientRequestStream<TRequest, TResponse>(call);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            requests, call.RunStream(requests.Content),
            HeadersOf<TRequest, TResponse>, StatusOf<TRequest, TResponse>, TrailersOf<TRequest, TResponse>, Dispose<TRequest, TResponse>, call);
    }

    static Task<Metadata> HeadersOf<TRequest, TResponse>(object call)
        where TRequest : class
        where TResponse : class => ((GrpcCall<TRequest, TResponse>)call).GetHeadersAsync();

    static Status StatusOf<TRequest, TResponse>(object call)
        where TRequest : class
        where TResponse : class => ((GrpcCall<TRequest, TResponse>)call).GetStatus();

    static Metadata TrailersOf<TRequest, TResponse>(object call)
        where TRequest : class
        where TResponse : class => ((GrpcCall<TRequest, TResponse>)call).GetTrailers();

    static void Dispose<TRequest, TResponse>(object call)
        where TRequest : class
        where TResponse : class => ((GrpcCall<TRequest, TResponse>)call).Dispose();
}
