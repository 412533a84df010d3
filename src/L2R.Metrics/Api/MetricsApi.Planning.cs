using Grpc.Core;
using L2R.Metrics.Domain.Planning;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>What could be aimed at, what a goal takes, and what is to come.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<TargetSuggestions> SuggestTargets(SuggestTargetsRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = PlanningRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var history = new TargetHistory(query);
        return await ByValueAsync(async () =>
        {
            var journeys = await ReadJourneysAsync(tenant, reporting, query.Scope.KnownAt, cancellationToken);
            Visit(journeys, query.Scope, history.Add, cancellationToken);
            var basis = BasisOf(journeys, query.Scope with { From = history.Since }, query.Dimension is { } dimension ? [dimension] : [], cancellationToken);
            return Told(PlanningMapping.ToProto(history.ToAnswer(), query, reporting, basis.Count), basis);
        });
    }

    [Question]
    public override async Task<V1.GoalPlan> PlanGoal(PlanGoalRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = PlanningRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var planning = new GoalPlanning(query);
        var journeys = await ReadJourneysAsync(tenant, reporting, query.Ways.Scope.KnownAt, cancellationToken);
        Visit(journeys, query.Ways.Scope, planning.Add, cancellationToken);
        var plan = Told(PlanningMapping.ToProto(planning.ToAnswer(), query, reporting), BasisOf(journeys, query.Ways.Scope, [], cancellationToken));
        // The months of the early stages lie before the goal.
        var first = plan.Stages.SelectMany(stage => stage.Months).Select(month => month.StartTime.ToDateTimeOffset()).Append(query.From).Min();
        await AnnotateAsync(tenant, query.Months, query.Ways.Scope with { From = first, To = query.To }, plan, plan.Annotations, cancellationToken);
        return plan;
    }

    [Question]
    public override async Task<Outlook> GetOutlook(GetOutlookRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = PlanningRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var (outlook, basis) = await GatherAsync(tenant, reporting, query.Scope, [], () => new RevenueOutlook(query), cancellationToken);
        return Told(PlanningMapping.ToProto(outlook.ToAnswer(), query, basis.Count), basis);
    }
}
