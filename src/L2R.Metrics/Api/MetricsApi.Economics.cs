using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Spend = L2R.Metrics.V1.Spend;

namespace L2R.Metrics.Api;

/// <summary>What reach and customers cost, and the leads that wait after RECYCLED.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<Economics> GetEconomics(GetEconomicsRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = EconomicsRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var scope = query.Scope;
        Dimension[] groupBy = query.By switch
        {
            Domain.Costs.EconomicsKey.Channel => [Dimension.Channel],
            Domain.Costs.EconomicsKey.Campaign => [Dimension.Campaign],
            _ => [],
        };
        try
        {
            var (economics, basis) = await GatherAsync(tenant, reporting, scope, groupBy, () => new Domain.Costs.Economics(query), cancellationToken);
            await touches.VisitCostsAsync(tenant, scope.From ?? DateTimeOffset.UnixEpoch, scope.AsOf, scope.KnownAt, economics.Add, cancellationToken);
            foreach (var spend in await spends.ListAsync(tenant, scope.KnownAt, cancellationToken))
            {
                economics.Add(spend.Details);
            }
            var answer = Told(EconomicsMapping.ToProto(economics.ToAnswer(), query, reporting, basis.Count), basis);
            await AnnotateAsync(tenant, query.Periods, scope, answer, answer.Annotations, cancellationToken);
            return answer;
        }
        catch (TooManyGroupsException tooMany)
        {
            problems.Add(new(
                query.Periods is null ? "group_by" : "group_by_period", $"would make more than {tooMany.Max:#,0} rows: ask for less time, longer periods, or for channels"));
            problems.ThrowIfAny(ErrorDomain);
            throw;
        }
    }

    [Question]
    public override async Task<Nurture> GetNurture(GetNurtureRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = EconomicsRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var (nurture, basis) = await GatherAsync(tenant, reporting, query.Scope, [], () => new Domain.Costs.Nurture(query), cancellationToken);
        var answer = Fitting(() => Told(EconomicsMapping.ToProto(nurture.ToAnswer(), query, reporting, basis.Count), basis), dimensions: 0, "periods");
        await AnnotateAsync(tenant, query.Periods, query.Scope, answer, answer.Annotations, cancellationToken);
        return answer;
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Spend> CreateSpend(CreateSpendRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var details = SpendMapping.ToDetails(request.Spend ?? new(), problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await spends.CreateAsync(
            context.Tenant(), requestId, RequestLog.Fingerprint(context.Method, request), details, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, "the spend of this request", request.RequestId);
    }

    public override async Task<ListSpendsResponse> ListSpends(ListSpendsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        // A tenant has a few thousand at most: a page is a part of all.
        var all = await spends.ListAsync(context.Tenant(), DateTimeOffset.MaxValue, context.CancellationToken);
        var rows = page.Of(all, spend => (spend.CreateTime, spend.Id));
        return new ListSpendsResponse
        {
            Spends = { rows.Take(page.Size).Select(SpendMapping.ToProto) },
            NextPageToken = page.NextToken(rows, spend => (spend.CreateTime, spend.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Spend> UpdateSpend(UpdateSpendRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        // What is not named stays as it is.
        problems.RemoveAll(problem => problem.Field.StartsWith("spend.", StringComparison.Ordinal) && problem.Problem == FieldProblem.Required);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Spend ?? new();
        var spendId = problems.Name("spend.name", wanted.Name, "spends");
        var paths = SpendMapping.ReadMask(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await spends.ChangeAsync(
            context.Tenant(), spendId!.Value, Etag.Read(wanted.Etag), requestId, RequestLog.Fingerprint(context.Method, request), Change, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);

        Domain.Costs.SpendDetails Change(Domain.Costs.SpendDetails before)
        {
            List<FieldProblem> broken = [];
            var merged = SpendMapping.Merge(before, wanted, paths);
            broken.AddRange(RequiredFields.FindMissing(merged).Where(problem => problem.Problem == FieldProblem.Required)
                .Select(problem => problem with { Field = $"spend.{problem.Field}" }));
            var details = SpendMapping.ToDetails(merged, broken);
            broken.ThrowIfAny(ErrorDomain);
            return details;
        }
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Empty> DeleteSpend(DeleteSpendRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var spendId = problems.Name("name", request.Name, "spends");
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await spends.ChangeAsync(
            context.Tenant(), spendId!.Value, Etag.Read(request.Etag), requestId, RequestLog.Fingerprint(context.Method, request), change: null, clock.GetStorableNow(), context.CancellationToken);
        Answer(outcome, request.Name, request.RequestId);
        return new Empty();
    }

    /// <returns>An empty one where it is deleted.</returns>
    static Spend Answer(SpendOutcome outcome, string name, string requestId) => outcome switch
    {
        SpendOutcome.Done(var spend) => spend is null ? new Spend() : SpendMapping.ToProto(spend),
        SpendOutcome.NotFound => throw ApiErrors.NotFound(ErrorDomain, "SPEND_NOT_FOUND", name),
        SpendOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        SpendOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };
}
