using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L2R.Cli.Tests.Practice;

/// <summary>A service with targets and reviews, real gRPC on a free port. Its pages have one row.</summary>
sealed class FakeMetrics : MetricsService.MetricsServiceBase, IAsyncDisposable
{
    WebApplication _app = null!;

    public List<Target> Targets { get; } = [];

    public List<Review> Reviews { get; } = [];

    public List<Annotation> Annotations { get; } = [];

    public ListAnnotationsRequest? AnnotationsAsked { get; private set; }

    public List<ListTargetsRequest> Asked { get; } = [];

    public CloseReviewRequest? Closed { get; private set; }

    public List<Spend> Spends { get; } = [];

    public GetEconomicsRequest? Economics { get; private set; }

    public GetPipelineRequest? Pipeline { get; private set; }

    public GetNurtureRequest? Nurture { get; private set; }

    public GetAttributionRequest? Attribution { get; private set; }

    /// <summary>Thrown at who asks for attribution.</summary>
    public RpcException? Refusal { get; set; }

    public List<ExportTransitionsResponse> Batches { get; } = [];

    public ExportTransitionsRequest? Exported { get; private set; }

    /// <summary>After the batches the service goes away.</summary>
    public bool Breaks { get; set; }

    public Waterfall Waterfall { get; set; } = new();

    public ConversionCurves Curves { get; set; } = new();

    public GetConversionCurveRequest? CurvesAsked { get; private set; }

    public string Address => _app.Urls.Single();

    public static async Task<FakeMetrics> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRouting().AddGrpc();
        var service = new FakeMetrics();
        builder.Services.AddSingleton(service);
        service._app = builder.Build();
        service._app.UseRouting();
        service._app.MapGrpcService<FakeMetrics>();
        await service._app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public override Task<ListTargetsResponse> ListTargets(ListTargetsRequest request, ServerCallContext context)
    {
        Asked.Add(request);
        var (rows, next) = Page(Targets, request.PageToken);
        return Task.FromResult(new ListTargetsResponse { Targets = { rows }, NextPageToken = next });
    }

    public override Task<ListReviewsResponse> ListReviews(ListReviewsRequest request, ServerCallContext context)
    {
        var (rows, next) = Page(Reviews, request.PageToken);
        return Task.FromResult(new ListReviewsResponse { Reviews = { rows }, NextPageToken = next });
    }

    public override Task<ListAnnotationsResponse> ListAnnotations(ListAnnotationsRequest request, ServerCallContext context)
    {
        AnnotationsAsked = request;
        var (rows, next) = Page(Annotations, request.PageToken);
        return Task.FromResult(new ListAnnotationsResponse { Annotations = { rows }, NextPageToken = next });
    }

    public override Task<Review> GetReview(GetReviewRequest request, ServerCallContext context) =>
        Task.FromResult(Reviews.Find(review => review.Name == request.Name) ?? throw new RpcException(new Status(StatusCode.NotFound, $"'{request.Name}' does not exist.")));

    public override Task<Review> CloseReview(CloseReviewRequest request, ServerCallContext context)
    {
        Closed = request;
        return Task.FromResult(Reviews.Last());
    }

    public Settings Settings { get; set; } = new() { TimeZone = "Europe/Amsterdam", CurrencyCode = "EUR", FiscalStartMonth = 4, Etag = "1" };

    public override Task<Settings> GetSettings(GetSettingsRequest request, ServerCallContext context) => Task.FromResult(Settings);

    public override Task<Settings> UpdateSettings(UpdateSettingsRequest request, ServerCallContext context)
    {
        if (request.Settings.Etag != Settings.Etag)
        {
            throw new RpcException(new Status(StatusCode.Aborted, "Somebody changed them."));
        }
        Settings = new(Settings) { Etag = $"{Settings.Etag}1" };
        request.UpdateMask.Merge(request.Settings, Settings, new() { ReplacePrimitiveFields = true, ReplaceRepeatedFields = true });
        return Task.FromResult(Settings);
    }

    /// <summary>The last question that was no list.</summary>
    public IMessage? Question { get; private set; }

    public override Task<Diagnosis> Diagnose(DiagnoseRequest request, ServerCallContext context) => Heard(request, new Diagnosis { Summary = "Fix SAL → SQL first.", AsOf = new(), KnownAt = new() });

    public override Task<GoalPlan> PlanGoal(PlanGoalRequest request, ServerCallContext context) => Heard(request, new GoalPlan { Summary = "It takes 40 wins.", AsOf = new(), KnownAt = new() });

    public override Task<Outlook> GetOutlook(GetOutlookRequest request, ServerCallContext context) => Heard(request, new Outlook { Summary = "Nothing is open.", Total = new(), AsOf = new(), KnownAt = new() });

    public override Task<TargetSuggestions> SuggestTargets(SuggestTargetsRequest request, ServerCallContext context) =>
        Heard(request, new TargetSuggestions { Suggestions = { new TargetSuggestion { Sentence = "LEAD → MQL: 40 to 50 a week." } }, AsOf = new(), KnownAt = new() });

    public override Task<ChangeExplanation> ExplainChange(ExplainChangeRequest request, ServerCallContext context) => Heard(request, new ChangeExplanation
    {
        Summary = "Revenue is the same.",
        Change = new(),
        Before = new() { WonAmount = new() },
        After = new() { WonAmount = new() },
        AsOf = new(),
        KnownAt = new(),
    });

    public override Task<Target> CreateTarget(CreateTargetRequest request, ServerCallContext context) => Heard(request, new Target(request.Target) { Name = "targets/7" });

    public override Task<Target> UpdateTarget(UpdateTargetRequest request, ServerCallContext context) =>
        Heard(request, new Target(request.Target) { From = Stage.Lead, To = Stage.Mql, EffectiveStartTime = request.Target.EffectiveStartTime ?? new() });

    public override Task<Empty> DeleteTarget(DeleteTargetRequest request, ServerCallContext context) => Heard(request, new Empty());

    public List<Trigger> Triggers { get; } = [];

    public override Task<Trigger> CreateTrigger(CreateTriggerRequest request, ServerCallContext context)
    {
        Triggers.Add(new(request.Trigger) { Name = $"triggers/{Triggers.Count + 1}", Armed = true });
        return Heard(request, Triggers[^1]);
    }

    public override Task<ListTriggersResponse> ListTriggers(ListTriggersRequest request, ServerCallContext context)
    {
        var (rows, next) = Page(Triggers, request.PageToken);
        return Task.FromResult(new ListTriggersResponse { Triggers = { rows }, NextPageToken = next });
    }

    public override Task<Empty> DeleteTrigger(DeleteTriggerRequest request, ServerCallContext context) => Heard(request, new Empty());

    public override Task<ListMetricDefinitionsResponse> ListMetricDefinitions(ListMetricDefinitionsRequest request, ServerCallContext context) => Task.FromResult(new ListMetricDefinitionsResponse
    {
        MetricDefinitions =
        {
            new MetricDefinition { Name = "metricDefinitions/reach", Section = "Volume", Formula = "|journeys with R_k in P|", Unit = "journeys" },
            new MetricDefinition { Name = "metricDefinitions/stock-at-end", Section = "Volume", Formula = new string('x', 100), Unit = "journeys" },
            new MetricDefinition { Name = "metricDefinitions/cohort", Section = "Conversion", Formula = "n", Unit = "journeys" },
        },
    });

    public override Task<Spend> CreateSpend(CreateSpendRequest request, ServerCallContext context)
    {
        Spends.Add(new(request.Spend) { Name = $"spends/{Spends.Count + 1}", Etag = "1" });
        return Task.FromResult(Spends[^1]);
    }

    public override Task<ListSpendsResponse> ListSpends(ListSpendsRequest request, ServerCallContext context)
    {
        var (rows, next) = Page(Spends, request.PageToken);
        return Task.FromResult(new ListSpendsResponse { Spends = { rows }, NextPageToken = next });
    }

    public override Task<Economics> GetEconomics(GetEconomicsRequest request, ServerCallContext context)
    {
        Economics = request;
        return Task.FromResult(new Economics { AsOf = new(), KnownAt = new() });
    }

    public override Task<Pipeline> GetPipeline(GetPipelineRequest request, ServerCallContext context)
    {
        Pipeline = request;
        return Task.FromResult(new Pipeline { AsOf = new(), KnownAt = new(), ResponseSla = request.ResponseSla });
    }

    public override Task<Nurture> GetNurture(GetNurtureRequest request, ServerCallContext context)
    {
        Nurture = request;
        return Task.FromResult(new Nurture { AsOf = new(), KnownAt = new(), Horizon = request.Horizon, ReEntry = new() });
    }

    public override Task<Attribution> GetAttribution(GetAttributionRequest request, ServerCallContext context)
    {
        Attribution = request;
        return Refusal is null ? Task.FromResult(new Attribution { AsOf = new(), KnownAt = new() }) : throw Refusal;
    }

    public override Task<Waterfall> GetWaterfall(GetWaterfallRequest request, ServerCallContext context) => Task.FromResult(Waterfall);

    public override Task<ConversionCurves> GetConversionCurve(GetConversionCurveRequest request, ServerCallContext context)
    {
        CurvesAsked = request;
        return Task.FromResult(Curves);
    }

    public override async Task ExportTransitions(
        ExportTransitionsRequest request, IServerStreamWriter<ExportTransitionsResponse> responseStream, ServerCallContext context)
    {
        Exported = request;
        foreach (var batch in Batches)
        {
            await responseStream.WriteAsync(batch);
        }
        if (Breaks)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The service stops."));
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    Task<T> Heard<T>(IMessage question, T answer)
    {
        Question = question;
        return Task.FromResult(answer);
    }

    static (IEnumerable<T> Rows, string Next) Page<T>(List<T> all, string token)
    {
        var start = token.Length == 0 ? 0 : int.Parse(token, System.Globalization.CultureInfo.InvariantCulture);
        return (all.Skip(start).Take(1), start + 1 < all.Count ? $"{start + 1}" : "");
    }
}
