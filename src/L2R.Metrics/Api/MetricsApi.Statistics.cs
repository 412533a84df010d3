using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Curves, and what they say.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<ConversionCurves> GetConversionCurve(GetConversionCurveRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = StatisticsRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var (curves, basis) = await GatherAsync(tenant, reporting, query.Scope, [], () => new Domain.Statistics.ConversionCurves(query), cancellationToken);
        try
        {
            return Told(CurveMapping.ToProto(curves.ToAnswer(), query, basis.Count), basis);
        }
        catch (TooManyGroupsException tooMany)
        {
            problems.Add(WaterfallRequests.TooWide(tooMany, dimensions: 1, "curves"));
            problems.ThrowIfAny(ErrorDomain);
            throw;
        }
    }
}
