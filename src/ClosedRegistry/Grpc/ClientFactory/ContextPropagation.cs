using Grpc.AspNetCore.ClientFactory;
using Grpc.AspNetCore.Server;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.ClientFactory
{
    public class GrpcContextPropagationOptions
    {
        /// <summary>Whether calls made outside of a gRPC call go on without one, instead of failing.</summary>
        public bool SuppressContextNotFoundErrors { get; set; }
    }

    /// <summary>Gives outgoing calls the deadline and the cancellation of the call that is being served.</summary>
    sealed class ContextPropagation(IHttpContextAccessor accessor, GrpcContextPropagationOptions options) : ContextInterceptor
    {
        protected override ClientInterceptorContext<TRequest, TResponse> Change<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context)
        {
            if (accessor.HttpContext?.Features.Get<IServerCallContextFeature>()?.ServerCallContext is not { } served)
            {
                return options.SuppressContextNotFoundErrors
                    ? context
                    : throw new InvalidOperationException(
                        "Unable to propagate server context values to the call. Can't find the gRPC ServerCallContext on the current HttpContext.");
            }
            var call = context.Options;
            if (served.Deadline < (call.Deadline ?? DateTime.MaxValue))
            {
                call = call.WithDeadline(served.Deadline);
            }
            call = call.WithCancellationToken(Either(accessor.HttpContext, served.CancellationToken, call.CancellationToken));
            return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, call);
        }

        static CancellationToken Either(HttpContext http, CancellationToken served, CancellationToken own)
        {
            if (!own.CanBeCanceled || !served.CanBeCanceled)
            {
                return own.CanBeCanceled ? own : served;
            }
            var either = CancellationTokenSource.CreateLinkedTokenSource(served, own);
            http.Response.RegisterForDispose(either);
            return either.Token;
        }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class GrpcServerHttpClientBuilderExtensions
    {
        public static IHttpClientBuilder EnableCallContextPropagation(this IHttpClientBuilder builder) =>
            builder.EnableCallContextPropagation(_ => { });

        public static IHttpClientBuilder EnableCallContextPropagation(
            this IHttpClientBuilder builder, Action<GrpcContextPropagationOptions> configureOptions)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.AddHttpContextAccessor();
            builder.Services.Configure(builder.Name, configureOptions);
            return builder.AddInterceptor(services => new ContextPropagation(
                services.GetRequiredService<IHttpContextAccessor>(),
                services.GetRequiredService<IOptionsMonitor<GrpcContextPropagationOptions>>().Get(builder.Name)));
        }
    }
}
