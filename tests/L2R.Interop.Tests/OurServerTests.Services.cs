using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.Interop.Tests;

// The services that these tests serve, and what they see.
public sealed partial class OurServerTests
{
    sealed class Throwing : EchoService.EchoServiceBase
    {
        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) =>
            throw new InvalidOperationException("outer", new ArgumentException("inner"));
    }

    sealed class Answerless : EchoService.EchoServiceBase
    {
        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) => Task.FromResult<EchoReply>(null!);
    }

    sealed class Describing : EchoService.EchoServiceBase
    {
        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
        {
            var http = context.GetHttpContext();
            context.UserState["key"] = "shared state";
            return Task.FromResult(new EchoReply
            {
                Text = string.Join(
                    '|', context.Method, context.Host, context.Peer,
                    http.Features.Get<IServerCallContextFeature>()?.ServerCallContext == context ? "same http" : "other http",
                    http.Items["key"], context.Deadline == DateTime.MaxValue ? "no deadline" : "deadline"),
            });
        }
    }

    sealed class Noting(List<string> seen, string name) : Interceptor, IDisposable
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            Around(() => continuation(request, context));

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
            Around(() => continuation(requestStream, context));

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
            Around(async () =>
            {
                await continuation(request, responseStream, context);
                return true;
            });

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
            Around(async () =>
            {
                await continuation(requestStream, responseStream, context);
                return true;
            });

        public void Dispose() => seen.Add($"gone {name}");

        async Task<T> Around<T>(Func<Task<T>> inner)
        {
            seen.Add($"in {name}");
            var result = await inner();
            seen.Add($"out {name}");
            return result;
        }
    }

    sealed class Ledger
    {
        readonly TaskCompletionSource _allGone = new();
        int _servicesGone;
        int _scopesGone;

        public Task AllGone => _allGone.Task;

        public int ServicesGone => _servicesGone;

        public int ScopesGone => _scopesGone;

        public void ServiceGone() => Interlocked.Increment(ref _servicesGone);

        public void ScopeGone()
        {
            if (Interlocked.Increment(ref _scopesGone) == 2)
            {
                _allGone.SetResult();
            }
        }
    }

    sealed class Disposables(Ledger ledger) : IDisposable
    {
        public void Dispose() => ledger.ScopeGone();
    }

    sealed class Scoped(Disposables scope, Ledger ledger) : EchoService.EchoServiceBase, IAsyncDisposable
    {
        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) => Task.FromResult(new EchoReply
        {
            Text = scope == context.GetHttpContext().RequestServices.GetRequiredService<Disposables>() ? "same scope" : "other scope",
        });

        public ValueTask DisposeAsync()
        {
            ledger.ServiceGone();
            return ValueTask.CompletedTask;
        }
    }

    [Authorize("type")]
    sealed class Guarded : EchoService.EchoServiceBase
    {
        [Authorize("method")]
        public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) => Task.FromResult(new EchoReply());
    }

    sealed class RawHeader(string name, string value) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation(name, value);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
