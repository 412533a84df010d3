using Grpc.Core;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Why revenue changed.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<ChangeExplanation> ExplainChange(ExplainChangeRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = ChangeRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        return await ByValueAsync(async () =>
        {
            var journeys = await ReadJourneysAsync(tenant, reporting, query.Ways.Scope.KnownAt, cancellationToken);
            var ways = journeys.Gather(query.Ways.Scope.AsOf, () => new RevenueWays(query), Processors.All, cancellationToken);
            var qualities = query.Scopes.Select(scope => Domain.Waterfall.Quality(journeys, scope, [query.Ways.Dimension], Processors.All, cancellationToken));
            var asOf = query.Ways.Scope.AsOf;
            return Told(ChangeMapping.ToProto(ways.ToAnswer(), query, journeys.CountAt(asOf)), Domain.Quality.Sum(qualities), journeys.OutOfScopeAt(asOf));
        });
    }
}
