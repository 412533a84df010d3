using Grpc.Core;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>The handoff to sales, and the opportunities.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<Pipeline> GetPipeline(GetPipelineRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = PipelineRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var journeys = await ReadJourneysAsync(tenant, reporting, query.Scope.KnownAt, cancellationToken);
        var answer = Fitting(
            () => Told(
                PipelineMapping.ToProto(
                    journeys.Gather(query.Scope.AsOf, () => new Domain.Pipelines.Pipeline(query), Processors.All, cancellationToken).ToAnswer(),
                    query, reporting, journeys.CountAt(query.Scope.AsOf)),
                BasisOf(journeys, query.Scope, query.GroupBy, cancellationToken)),
            query.GroupBy.Count,
            "rows");
        await AnnotateAsync(tenant, query.Periods, query.Scope, answer, answer.Annotations, cancellationToken);
        return answer;
    }
}
