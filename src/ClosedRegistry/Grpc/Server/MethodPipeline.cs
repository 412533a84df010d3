using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Builds, once per method, what runs for each call: the interceptors, and inside them the method on an instance of its service.</summary>
/// <typeparam name="TService">Taken from the call's services where it is registered there, else made for the call.</typeparam>
sealed class MethodPipeline<TService>(IReadOnlyList<InterceptorRegistration> interceptors)
    where TService : class
{
    static readonly ObjectFactory<TService> Create = ActivatorUtilities.CreateFactory<TService>(Type.EmptyTypes);

    public UnaryServerMethod<TRequest, TResponse> Build<TRequest, TResponse>(
        Func<TService, TRequest, ServerCallContext, Task<TResponse>> method)
        where TRequest : class
        where TResponse : class
    {
        UnaryServerMethod<TRequest, TResponse> pipeline = (request, context) =>
            WithService(context, (method, request), static (service, state, context) => state.method(service, state.request, context));
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = pipeline;
            pipeline = (request, context) => WithInterceptor(
                interceptor, context, (request, next), static (around, state, context) => around.UnaryServerHandler(state.request, context, state.next));
        }
        return pipeline;
    }

    public ClientStreamingServerMethod<TRequest, TResponse> Build<TRequest, TResponse>(
        Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>> method)
        where TRequest : class
        where TResponse : class
    {
        ClientStreamingServerMethod<TRequest, TResponse> pipeline = (requests, context) =>
            WithService(context, (method, requests), static (service, state, context) => state.method(service, state.requests, context));
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = pipeline;
            pipeline = (requests, context) => WithInterceptor(
                interceptor, context, (requests, next),
                static (around, state, context) => around.ClientStreamingServerHandler(state.requests, context, state.next));
        }
        return pipeline;
    }

    public ServerStreamingServerMethod<TRequest, TResponse> Build<TRequest, TResponse>(
        Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> method)
        where TRequest : class
        where TResponse : class
    {
        ServerStreamingServerMethod<TRequest, TResponse> pipeline = (request, responses, context) =>
            WithService(
                context, (method, request, responses),
                static (service, state, context) => Done(state.method(service, state.request, state.responses, context)));
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = pipeline;
            pipeline = (request, responses, context) => WithInterceptor(
                interceptor, context, (request, responses, next),
                static (around, state, context) => Done(around.ServerStreamingServerHandler(state.request, state.responses, context, state.next)));
        }
        return pipeline;
    }

    public DuplexStreamingServerMethod<TRequest, TResponse> Build<TRequest, TResponse>(
        Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> method)
        where TRequest : class
        where TResponse : class
    {
        DuplexStreamingServerMethod<TRequest, TResponse> pipeline = (requests, responses, context) =>
            WithService(
                context, (method, requests, responses),
                static (service, state, context) => Done(state.method(service, state.requests, state.responses, context)));
        foreach (var interceptor in interceptors.Reverse())
        {
            var next = pipeline;
            pipeline = (requests, responses, context) => WithInterceptor(
                interceptor, context, (requests, responses, next),
                static (around, state, context) => Done(around.DuplexStreamingServerHandler(state.requests, state.responses, context, state.next)));
        }
        return pipeline;
    }

    static async Task<TResult> WithService<TState, TResult>(
        ServerCallContext context, TState state, Func<TService, TState, ServerCallContext, Task<TResult>> run)
    {
        var services = context.GetHttpContext().RequestServices;
        var service = services.GetService(typeof(TService)) is TService registered
            ? new Activated<TService>(registered, isOurs: false)
            : new Activated<TService>(Create(services, []), isOurs: true);
        try
        {
            return await run(service.Instance, state, context);
        }
        finally
        {
            await service.ReleaseAsync();
        }
    }

    static async Task<TResult> WithInterceptor<TState, TResult>(
        InterceptorRegistration registration, ServerCallContext context, TState state,
        Func<Interceptor, TState, ServerCallContext, Task<TResult>> run)
    {
        var interceptor = registration.Activate(context.GetHttpContext().RequestServices);
        try
        {
            return await run(interceptor.Instance, state, context);
        }
        finally
        {
            await interceptor.ReleaseAsync();
        }
    }

    static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
