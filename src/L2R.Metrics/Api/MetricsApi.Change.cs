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

        var ways = new RevenueWays(query);
        return await ByValueAsync(async () =>
        {
            await FoldAsync(tenant, query.Ways.Scope, ways.Add, cancellationToken);
            return ChangeMapping.ToProto(ways.ToAnswer(), query);
        });
    }
}
