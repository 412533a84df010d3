using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Opportunity.V1;
using L2R.Scoring.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L2R.Cli.Tests.Imports;

/// <summary>The services as far as an import meets them, real gRPC on a free port, with a ledger in memory.</summary>
sealed class FakeStack : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly ConcurrentDictionary<(string Owner, string Key, long Seq), ImportedTransition> _stored = new();

    FakeStack(WebApplication app) => _app = app;

    /// <summary>What an owner does with its stream; unless set, it stores and acknowledges batch after batch.</summary>
    public ConcurrentDictionary<Owner, ServeImport> Serving { get; } = new();

    /// <summary>Given in place of the count of entries, one a call, as long as there are some: a ledger that lags.</summary>
    public ConcurrentQueue<long> LaggingCounts { get; } = new();

    /// <summary>Thrown in place of a count, one a call, as long as there are some.</summary>
    public ConcurrentQueue<RpcException> Failures { get; } = new();

    /// <summary>The journeys that the ledger has, by name; null: not heard of.</summary>
    public Func<string, Journey?> Journeys { get; set; } = _ => null;

    /// <summary>The journeys that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public ConcurrentQueue<ImportTransitionsRequest> Batches { get; } = new();

    /// <summary>Batches of past touches.</summary>
    public ConcurrentQueue<ImportTouchpointsRequest> Touches { get; } = new();

    /// <summary>Called for each of them before its answer.</summary>
    public Action OnTouches { get; set; } = () => { };

    /// <summary>Given to them, one each, as long as there are some; then all their rows are stored.</summary>
    public ConcurrentQueue<ImportTouchpointsResponse> TouchAnswers { get; } = new();

    /// <summary>By the id of the request that added them.</summary>
    public ConcurrentDictionary<string, Spend> Spends { get; } = new();

    public string? Authorization { get; private set; }

    public string Address => _app.Urls.Single();

    /// <summary>Rows by owner, line and move, in the order of their lines.</summary>
    public IEnumerable<string> Stored =>
        _stored.OrderBy(row => row.Value.Line).Select(row => $"{row.Key.Owner} {row.Value.Line} {row.Value.From}>{row.Value.To}");

    public static async Task<FakeStack> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRouting().AddGrpc();
        FakeStack? stack = null;
        builder.Services.AddSingleton(_ => stack!);
        var app = builder.Build();
        stack = new FakeStack(app);
        app.UseRouting();
        app.MapGrpcService<Intake>();
        app.MapGrpcService<Scoring>();
        app.MapGrpcService<Handoff>();
        app.MapGrpcService<Opportunity>();
        app.MapGrpcService<Metrics>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return stack;
    }

    /// <summary>Stores a batch as the services do: a known key is unchanged, corrected or refused; its line and what it believes of `from` are no content.</summary>
    public ImportTransitionsResponse Store(Owner owner, ImportTransitionsRequest batch)
    {
        Batches.Enqueue(batch);
        var report = new ImportTransitionsResponse();
        foreach (var row in batch.Transitions)
        {
            if (_stored.TryAdd((owner.ToString(), row.SourceKey, row.SourceSeq), row))
            {
                report.StoredCount++;
            }
            else if (_stored[(owner.ToString(), row.SourceKey, row.SourceSeq)] is var known && Equals(known, new ImportedTransition(row) { Line = known.Line, From = known.From }))
            {
                report.UnchangedCount++;
            }
            else if (batch.Correct)
            {
                _stored[(owner.ToString(), row.SourceKey, row.SourceSeq)] = row;
                report.CorrectedCount++;
            }
            else
            {
                report.Rejects.Add(new ImportReject { Line = row.Line, Reason = "KEY_REUSED", Message = "known with other content" });
            }
        }
        return report;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    async Task ServeAsync(
        Owner owner, IAsyncStreamReader<ImportTransitionsRequest> requests, IServerStreamWriter<ImportTransitionsResponse> responses, ServerCallContext context)
    {
        Authorization = context.RequestHeaders.GetValue("authorization");
        if (Serving.TryGetValue(owner, out var serve))
        {
            await serve(requests, responses);
        }
        await foreach (var batch in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(Store(owner, batch));
        }
    }

    Waterfall Count()
    {
        var group = new WaterfallGroup();
        var lagging = LaggingCounts.TryDequeue(out var count);
        group.Volumes.AddRange(Stages.All.Select(stage => new StageVolume
        {
            Stage = stage.ToProto(),
            EntryCount = lagging ? (stage == Ledger.Domain.Stage.Lead ? count : 0) : _stored.Values.Count(row => row.To == stage.ToProto()),
        }));
        return new Waterfall { AsOf = new(), KnownAt = new(), Groups = { group } };
    }

    /// <summary>Serves the start of a stream; returns when the usual service may go on with the rest.</summary>
    public delegate Task ServeImport(IAsyncStreamReader<ImportTransitionsRequest> requests, IServerStreamWriter<ImportTransitionsResponse> responses);

    sealed class Intake(FakeStack stack) : IntakeService.IntakeServiceBase
    {
        public override Task ImportTransitions(
            IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
            stack.ServeAsync(Owner.Intake, requestStream, responseStream, context);

        public override async Task ImportTouchpoints(
            IAsyncStreamReader<ImportTouchpointsRequest> requestStream, IServerStreamWriter<ImportTouchpointsResponse> responseStream, ServerCallContext context)
        {
            await foreach (var batch in requestStream.ReadAllAsync(context.CancellationToken))
            {
                stack.Touches.Enqueue(batch);
                stack.OnTouches();
                await responseStream.WriteAsync(stack.TouchAnswers.TryDequeue(out var answer) ? answer : new() { StoredCount = batch.Touchpoints.Count });
            }
        }
    }

    sealed class Scoring(FakeStack stack) : ScoringService.ScoringServiceBase
    {
        public override Task ImportTransitions(
            IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
            stack.ServeAsync(Owner.Scoring, requestStream, responseStream, context);
    }

    sealed class Handoff(FakeStack stack) : HandoffService.HandoffServiceBase
    {
        public override Task ImportTransitions(
            IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
            stack.ServeAsync(Owner.Handoff, requestStream, responseStream, context);
    }

    sealed class Opportunity(FakeStack stack) : OpportunityService.OpportunityServiceBase
    {
        public override Task ImportTransitions(
            IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
            stack.ServeAsync(Owner.Opportunity, requestStream, responseStream, context);
    }

    sealed class Metrics(FakeStack stack) : MetricsService.MetricsServiceBase
    {
        public override Task<Waterfall> GetWaterfall(GetWaterfallRequest request, ServerCallContext context) =>
            stack.Failures.TryDequeue(out var failure) ? throw failure : Task.FromResult(stack.Count());

        public override Task<Journey> GetJourney(GetJourneyRequest request, ServerCallContext context)
        {
            stack.Asked.Enqueue(request.Name);
            return Task.FromResult(stack.Journeys(request.Name) ?? throw new RpcException(new Status(StatusCode.NotFound, "not there yet")));
        }

        public override Task<Spend> CreateSpend(CreateSpendRequest request, ServerCallContext context) =>
            Task.FromResult(stack.Spends.GetOrAdd(request.RequestId, new Spend(request.Spend) { Name = $"spends/{request.RequestId}", Etag = "1" }));

        public override Task<ListSpendsResponse> ListSpends(ListSpendsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListSpendsResponse { Spends = { stack.Spends.Values } });
    }
}
