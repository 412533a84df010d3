using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>The waterfall as it changes.</summary>
sealed partial class MetricsApi
{
    // What streams of a tenant share may be as old as that, and each looks as often: twice that is less than the second that is promised.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    // Cohorts grow mature as time goes by, also where nothing happens.
    static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    public override async Task StreamWaterfall(
        StreamWaterfallRequest request, IServerStreamWriter<StreamWaterfallResponse> responseStream, ServerCallContext context)
    {
        var tenant = context.Tenant();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var before = await ResumeAsync(tenant, request, ending.Token);
            var (seen, reporting) = ((JourneyColumns?)null, before?.Settings);
            var (answer, answeredAt) = (before?.Answer, DateTimeOffset.MinValue);
            while (true)
            {
                var (journeys, knownAt) = await InMemoryAsync(() => ledger.ReadLatestAsync(tenant, Pause, ending.Token));
                var settingsNow = await settings.FindAsync(tenant, ending.Token);
                if (!ReferenceEquals(journeys, seen) || settingsNow != reporting || clock.GetUtcNow() - answeredAt > LongestSilence)
                {
                    var now = Answer(journeys.InScope(settingsNow.OutOfScope), request.Waterfall, settingsNow, knownAt, ending.Token);
                    var change = WaterfallChanges.Between(settingsNow == reporting ? answer : null, now);
                    if (change.HasNews(answer))
                    {
                        if (change.Complete)
                        {
                            var query = WaterfallRequests.Read(request.Waterfall, settingsNow, knownAt, []);
                            await AnnotateAsync(tenant, query, change, change.Waterfall, ending.Token);
                        }
                        await responseStream.WriteAsync(change, ending.Token);
                    }
                    (seen, reporting, answer, answeredAt) = (journeys, settingsNow, now, clock.GetUtcNow());
                }
                await Task.Delay(Pause, clock, ending.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw ApiErrors.Create(
                StatusCode.Unavailable, ErrorDomain, "SERVICE_STOPPING",
                "The service stops. Ask again with resume_after, the known_at of the last answer.");
        }
    }

    /// <returns>What the caller was told last; null where it begins, or where the tenant's settings changed since.</returns>
    async Task<(V1.Waterfall Answer, ReportingSettings Settings)?> ResumeAsync(string tenant, StreamWaterfallRequest request, CancellationToken cancellationToken)
    {
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var now = await ledger.GetNowAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var asked = request.Waterfall ?? new();
        if (asked.AsOf is not null || asked.KnownAt is not null)
        {
            problems.Add(new(asked.AsOf is null ? "waterfall.known_at" : "waterfall.as_of", "must be unset: a stream is of now"));
        }
        List<FieldProblem> broken = [];
        WaterfallRequests.Read(asked, reporting, now, broken);
        problems.AddRange(broken.Select(problem => problem with { Field = $"waterfall.{problem.Field}" }));
        var since = request.ResumeAfter is null ? (DateTimeOffset?)null : WaterfallRequests.Known(request.ResumeAfter, "resume_after", now, problems);
        problems.ThrowIfAny(ErrorDomain);

        return since is null || reporting.UpdateTime > since
            ? null
            : (Answer(await ReadJourneysAsync(tenant, reporting, since.Value, cancellationToken), asked, reporting, since.Value, cancellationToken), reporting);
    }

    static V1.Waterfall Answer(
        JourneyColumns journeys, GetWaterfallRequest request, ReportingSettings reporting, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        List<FieldProblem> problems = [];
        var query = WaterfallRequests.Read(request, reporting, knownAt, problems);
        problems.ThrowIfAny(ErrorDomain); // a dimension that was declared when the stream began, and is no longer
        return Answer(journeys, query, reporting, cancellationToken);
    }
}
