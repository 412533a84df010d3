using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Operations.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L2R.Cli.Tests.Operations;

/// <summary>What one service says of its queues, real gRPC on a free port.</summary>
sealed class FakeService : IAsyncDisposable
{
    readonly WebApplication _app;

    FakeService(WebApplication app, Flow flow) => (_app, Flow) = (app, flow);

    public Flow Flow { get; }

    /// <summary>By queue, oldest first.</summary>
    public Dictionary<string, List<FailedMessage>> Failed { get; } = [];

    /// <summary>Thrown in place of every answer, where set.</summary>
    public RpcException? Failure { get; set; }

    public ConcurrentQueue<ReplayFailedMessagesRequest> Replays { get; } = new();

    public string? Authorization { get; private set; }

    public string Address => _app.Urls.Single();

    public static async Task<FakeService> StartAsync(params Queue[] queues)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRouting().AddGrpc();
        FakeService? service = null;
        builder.Services.AddSingleton(_ => service!);
        var app = builder.Build();
        service = new FakeService(app, new Flow { Service = queues[0].Name.Split('.')[0], Queues = { queues } });
        app.UseRouting();
        app.MapGrpcService<Answers>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>Lets messages of a queue fail.</summary>
    /// <param name="count">How many, numbered from 1.</param>
    public void Fail(string queue, int count, string cause, string eventJson = "{}")
    {
        Flow.Queues.Single(own => own.Name == queue).FailedCount = count;
        Failed[queue] =
        [
            .. Enumerable.Range(1, count).Select(number => new FailedMessage
            {
                MessageId = $"00000000-0000-0000-0000-{number:D12}",
                EventType = "l2r.ledger.v1.StagesChanged",
                Tenant = "acme",
                Cause = cause,
                FailTime = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).ToTimestamp(),
                EventJson = eventJson,
            }),
        ];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    sealed class Answers(FakeService service) : OperationsService.OperationsServiceBase
    {
        public override Task<Flow> GetFlow(GetFlowRequest request, ServerCallContext context)
        {
            service.Authorization = context.RequestHeaders.GetValue("authorization");
            return service.Failure is { } failure ? throw failure : Task.FromResult(service.Flow);
        }

        public override Task<ListFailedMessagesResponse> ListFailedMessages(ListFailedMessagesRequest request, ServerCallContext context) =>
            Task.FromResult(new ListFailedMessagesResponse { Messages = { service.Failed[request.Queue].Take(request.Limit == 0 ? 100 : request.Limit) } });

        public override Task<ReplayFailedMessagesResponse> ReplayFailedMessages(ReplayFailedMessagesRequest request, ServerCallContext context)
        {
            service.Replays.Enqueue(request);
            var failed = service.Failed.GetValueOrDefault(request.Queue) ?? [];
            var replayed = failed.RemoveAll(message => request.MessageId.Length == 0 || message.MessageId == request.MessageId);
            return replayed == 0 && request.MessageId.Length > 0
                ? throw new RpcException(new Status(StatusCode.NotFound, $"'{request.MessageId}' does not exist."))
                : Task.FromResult(new ReplayFailedMessagesResponse { ReplayedCount = replayed });
        }
    }
}
