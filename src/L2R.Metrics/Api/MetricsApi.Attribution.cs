using System.Globalization;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

sealed partial class MetricsApi
{
    [Question]
    public override async Task<V1.Attribution> GetAttribution(GetAttributionRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = AttributionRequests.Read(request, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var attribution = new Domain.Attribution(query);
        var byLead = await ReadTouchesAsync(tenant, query, cancellationToken);
        try
        {
            var scope = new JourneyScope { AsOf = query.AsOf, KnownAt = query.KnownAt, From = query.From, To = query.To };
            var journeys = await ReadJourneysAsync(tenant, reporting, scope.KnownAt, cancellationToken);
            Visit(journeys, scope, journey => attribution.Add(journey, [.. byLead[journey.LeadId]]), cancellationToken);
            var basis = BasisOf(journeys, scope, [], cancellationToken);
            return Told(AttributionMapping.ToProto(attribution.ToAnswer(), query, basis.Count), basis);
        }
        catch (TooManyGroupsException tooMany)
        {
            problems.Add(new("credit_to", $"would make more than {tooMany.Max} values: ask for a shorter time or lookback, or for channels"));
            problems.ThrowIfAny(ErrorDomain);
            throw;
        }
    }

    async Task<ILookup<Guid, Touch>> ReadTouchesAsync(string tenant, AttributionQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await touches.ReadByLeadAsync(tenant, query.TouchesFrom, query.AsOf, query.KnownAt, cancellationToken);
        }
        catch (TooManyTouchesException tooMany)
        {
            throw ApiErrors.Create(
                StatusCode.ResourceExhausted, ErrorDomain, "TOUCHES_TOO_MANY",
                $"More than {tooMany.Limit} touches may count, which is what one question may read. Ask for less time (start_time) or a shorter lookback; "
                + "whoever operates the service may raise Ledger__MaxTouchesOfQuestion.",
                ("limit", tooMany.Limit.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
