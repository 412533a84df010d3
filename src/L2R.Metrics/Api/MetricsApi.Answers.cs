using Google.Protobuf;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Cohorts, velocity, flow, and what was known when.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<CohortTable> GetCohorts(GetCohortsRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var cohorts = new Cohorts(query);
        var quality = new QualityTally(query.Scope, query.GroupBy);
        var count = await FoldAsync(tenant, query.Scope, journey => { cohorts.Add(journey); quality.Add(journey); }, cancellationToken);
        return Fitting(() => Told(CohortMapping.ToProto(cohorts.ToAnswer(), query, reporting, count), quality), query.GroupBy.Count, "rows");
    }

    [Question]
    public override async Task<VelocityReport> GetVelocity(GetVelocityRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var velocities = new Velocities(query);
        var quality = new QualityTally(query.Scope, []);
        var count = await FoldAsync(tenant, query.Scope, journey => { velocities.Add(journey); quality.Add(journey); }, cancellationToken);
        return Told(VelocityMapping.ToProto(velocities.ToAnswer(), query, count), quality);
    }

    [Question]
    public override async Task<V1.Flow> GetFlow(GetFlowRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var (scope, periods) = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var flow = new Domain.Flow(scope, periods, AnswerRequests.MaxPeriods);
        var quality = new QualityTally(scope, []);
        var count = await FoldAsync(tenant, scope, journey => { flow.Add(journey); quality.Add(journey); }, cancellationToken);
        return Fitting(() => Told(FlowMapping.ToProto(flow.ToAnswer(), scope, reporting, count), quality), dimensions: 0, "periods");
    }

    [Question]
    public override async Task<V1.KnownComparison> CompareKnown(CompareKnownRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var (baseline, restated) = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var after = await ReadJourneysAsync(tenant, restated.KnownAt, cancellationToken);
        var before = await ReadJourneysAsync(tenant, baseline.KnownAt, cancellationToken);
        var comparison = new Domain.KnownComparison(baseline, restated);
        await AddRowsAsync();
        return Fitting(
            () => KnownComparisonMapping.ToProto(
                comparison.ToAnswer(
                    Domain.Waterfall.Answer(before, baseline, Processors.All, cancellationToken),
                    Domain.Waterfall.Answer(after, restated, Processors.All, cancellationToken)),
                baseline, restated, reporting, (before.CountAt(baseline.AsOf), after.CountAt(restated.AsOf))),
            restated.GroupBy.Count,
            "groups");

        async Task AddRowsAsync()
        {
            IReadOnlyList<Guid>? leads = await ledger.FindChangedAsync(tenant, baseline.KnownAt, restated.KnownAt, cancellationToken);
            // Where most of them changed, as after an import, all rows in one go are read sooner than those of many leads.
            leads = 2 * leads.Count > after.Count ? null : [.. leads, .. comparison.AddUnchanged(after.KnownAt(baseline.KnownAt).Columns, cancellationToken)];
            await foreach (var lead in ledger.ReadLeadsAsync(tenant, leads, restated.KnownAt, cancellationToken))
            {
                comparison.Add(lead.Rows, isSaidAnew: lead.Version?.RecordedAt > baseline.KnownAt);
            }
        }
    }

    /// <returns>How many journeys the ledger knows.</returns>
    async Task<long> FoldAsync(string tenant, JourneyScope scope, Action<JourneyFacts> visit, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var journey in (await ReadJourneysAsync(tenant, scope.KnownAt, cancellationToken)).Facts(scope.AsOf))
        {
            cancellationToken.ThrowIfCancellationRequested();
            count++;
            visit(journey);
        }
        return count;
    }

    /// <summary>An answer with its line of quality.</summary>
    static T Told<T>(T answer, QualityTally quality)
        where T : IMessage
    {
        answer.Descriptor.FindFieldByName("quality").Accessor.SetValue(answer, WaterfallMapping.ToProto(quality.Sum));
        return answer;
    }

    /// <summary>An answer that a client takes; one that is too wide is refused with what to ask instead.</summary>
    static T Fitting<T>(Func<T> answer, int dimensions, string groups)
        where T : IMessage
    {
        var problems = new List<FieldProblem>();
        try
        {
            var fitting = answer();
            if (fitting.CalculateSize() <= WaterfallRequests.MaxBytes)
            {
                return fitting;
            }
            problems.Add(new("start_time", "would make an answer of more than 4 MiB: ask for less time, longer periods, or by filters for fewer journeys"));
        }
        catch (TooManyGroupsException tooMany)
        {
            problems.Add(WaterfallRequests.TooWide(tooMany, dimensions, groups));
        }
        problems.ThrowIfAny(ErrorDomain);
        throw new InvalidOperationException("A problem is always thrown.");
    }
}
