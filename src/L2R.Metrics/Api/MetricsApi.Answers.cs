using Google.Protobuf;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
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

        var journeys = await ReadJourneysAsync(tenant, reporting, query.Scope.KnownAt, cancellationToken);
        var table = Fitting(
            () =>
            {
                var (answer, quality) = Cohorts.Answer(journeys, query, Processors.All, cancellationToken);
                return Told(CohortMapping.ToProto(answer, query, reporting, journeys.CountAt(query.Scope.AsOf)), quality, journeys.OutOfScopeAt(query.Scope.AsOf));
            },
            query.GroupBy.Count,
            "rows");
        await AnnotateAsync(tenant, query.Periods, query.Scope, table, table.Annotations, cancellationToken);
        return table;
    }

    [Question]
    public override async Task<VelocityReport> GetVelocity(GetVelocityRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var (velocities, basis) = await GatherAsync(tenant, reporting, query.Scope, [], () => new Velocities(query), cancellationToken);
        return Told(VelocityMapping.ToProto(velocities.ToAnswer(), query, basis.Count), basis);
    }

    [Question]
    public override async Task<V1.Flow> GetFlow(GetFlowRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var (scope, periods) = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var (flow, basis) = await GatherAsync(
            tenant, reporting, scope, [], () => new Domain.Flow(scope, periods, AnswerRequests.MaxPeriods), cancellationToken);
        var answer = Fitting(() => Told(FlowMapping.ToProto(flow.ToAnswer(), scope, reporting, basis.Count), basis), dimensions: 0, "periods");
        await AnnotateAsync(tenant, periods, scope, answer, answer.Annotations, cancellationToken);
        return answer;
    }

    [Question]
    public override async Task<V1.KnownComparison> CompareKnown(CompareKnownRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var (baseline, restated) = AnswerRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var after = await ReadJourneysAsync(tenant, reporting, restated.KnownAt, cancellationToken);
        var before = await ReadJourneysAsync(tenant, reporting, baseline.KnownAt, cancellationToken);
        var comparison = new Domain.KnownComparison(baseline, restated);
        await AddRowsAsync();
        var answer = Fitting(
            () => KnownComparisonMapping.ToProto(
                comparison.ToAnswer(
                    Domain.Waterfall.Answer(before, baseline, Processors.All, cancellationToken),
                    Domain.Waterfall.Answer(after, restated, Processors.All, cancellationToken)),
                baseline, restated, reporting, (before, after)),
            restated.GroupBy.Count,
            "groups");
        await AnnotateAsync(tenant, restated, answer, answer.Restated, cancellationToken);
        await AnnotateAsync(tenant, baseline, answer, answer.Baseline, cancellationToken);
        return answer;

        async Task AddRowsAsync()
        {
            var changed = await ledger.FindChangedAsync(tenant, baseline.KnownAt, restated.KnownAt, cancellationToken);
            // Where most of them changed, as after an import, all rows in one go are read sooner than those of many leads.
            var all = 2 * changed.Count > after.Count;
            var (outAfter, outBefore) = (after.LeadsOutOfScope(), before.LeadsOutOfScope());
            HashSet<Guid> others = all ? [] : [.. comparison.AddUnchanged(after.KnownAt(baseline.KnownAt).Columns, cancellationToken)];
            await foreach (var lead in ledger.ReadLeadsAsync(tenant, all ? null : [.. changed, .. others], restated.KnownAt, cancellationToken))
            {
                if (outAfter.Contains(lead.LeadId) && (outBefore.Contains(lead.LeadId) || lead.Rows.TrueForAll(row => row.RecordedAt > baseline.KnownAt)))
                {
                    continue; // in no figure of either side
                }
                // Families are read whole: who of one that did not change was not asked for is counted already.
                if (all || !(lead.Family?.Last <= baseline.KnownAt) || others.Contains(lead.LeadId))
                {
                    comparison.Add(lead.Rows, isSaidAnew: lead.Version?.RecordedAt > baseline.KnownAt, lead.IsMergedSince(baseline.KnownAt), lead.MergedSince(baseline.KnownAt));
                }
            }
        }
    }

    /// <summary>What every answer says of the journeys that it is made of.</summary>
    /// <param name="Count">Known at K and begun by A, before filters.</param>
    /// <param name="OutOfScope">Left out by the tenant's rules; not in <paramref name="Count"/>.</param>
    readonly record struct Basis(long Count, long OutOfScope, Domain.Quality Quality);

    /// <summary>Gathers from every journey of the tenant.</summary>
    /// <param name="groupBy">The dimensions that the answer groups by.</param>
    async Task<(T Gathered, Basis Basis)> GatherAsync<T>(
        string tenant, ReportingSettings reporting, JourneyScope scope, IReadOnlyList<Dimension> groupBy, Func<T> create, CancellationToken cancellationToken)
        where T : IGathering<T>
    {
        var journeys = await ReadJourneysAsync(tenant, reporting, scope.KnownAt, cancellationToken);
        return (journeys.Gather(scope.AsOf, create, Processors.All, cancellationToken), BasisOf(journeys, scope, groupBy, cancellationToken));
    }

    static Basis BasisOf(JourneyColumns journeys, JourneyScope scope, IReadOnlyList<Dimension> groupBy, CancellationToken cancellationToken) => new(
        journeys.CountAt(scope.AsOf),
        journeys.OutOfScopeAt(scope.AsOf),
        Domain.Waterfall.Quality(journeys, scope, groupBy, Processors.All, cancellationToken));

    static void Visit(JourneyColumns journeys, JourneyScope scope, Action<JourneyFacts> visit, CancellationToken cancellationToken)
    {
        foreach (var journey in journeys.Facts(scope.AsOf))
        {
            cancellationToken.ThrowIfCancellationRequested();
            visit(journey);
        }
    }

    /// <summary>An answer with its line of quality, and how many journeys are in none of its figures.</summary>
    static T Told<T>(T answer, Domain.Quality quality, long outOfScope)
        where T : IMessage
    {
        var fields = answer.Descriptor;
        fields.FindFieldByName("quality").Accessor.SetValue(answer, WaterfallMapping.ToProto(quality));
        fields.FindFieldByName("out_of_scope_count").Accessor.SetValue(answer, outOfScope);
        return answer;
    }

    static T Told<T>(T answer, Basis basis)
        where T : IMessage => Told(answer, basis.Quality, basis.OutOfScope);

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
