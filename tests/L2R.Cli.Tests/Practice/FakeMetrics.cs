using System.Net;
using Grpc.Core;
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

    public List<ListTargetsRequest> Asked { get; } = [];

    public CloseReviewRequest? Closed { get; private set; }

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

    public override Task<Review> GetReview(GetReviewRequest request, ServerCallContext context) =>
        Task.FromResult(Reviews.Find(review => review.Name == request.Name) ?? throw new RpcException(new Status(StatusCode.NotFound, $"'{request.Name}' does not exist.")));

    public override Task<Review> CloseReview(CloseReviewRequest request, ServerCallContext context)
    {
        Closed = request;
        return Task.FromResult(Reviews.Last());
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

    static (IEnumerable<T> Rows, string Next) Page<T>(List<T> all, string token)
    {
        var start = token.Length == 0 ? 0 : int.Parse(token, System.Globalization.CultureInfo.InvariantCulture);
        return (all.Skip(start).Take(1), start + 1 < all.Count ? $"{start + 1}" : "");
    }
}
