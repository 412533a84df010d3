using Google.Protobuf;
using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Opportunity.Domain;
using L2R.Opportunity.Storage;
using L2R.Opportunity.V1;
using L2R.Owners;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Pipeline = L2R.Opportunity.Domain.Pipeline;

namespace L2R.Opportunity.Api;

/// <summary>The gRPC face of the service: read the request, act, answer. Rules are in Domain, SQL in Storage.</summary>
[Authorize(Roles = Roles.Readers)]
sealed class OpportunityApi(DealStore deals, ImportServer imports, DealImport dealImport, TimeProvider clock)
    : OpportunityService.OpportunityServiceBase
{
    const string ErrorDomain = "opportunity.l2r";

    public override async Task<V1.Opportunity> GetOpportunity(GetOpportunityRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var dealId = problems.Count == 0 ? problems.Name("name", request.Name, "opportunities") : null;
        problems.ThrowIfAny(ErrorDomain);
        return await deals.FindAsync(context.Tenant(), dealId!.Value, context.CancellationToken) is { } deal
            ? DealMapping.ToProto(deal)
            : throw NotFound(request.Name);
    }

    public override async Task<ListOpportunitiesResponse> ListOpportunities(ListOpportunitiesRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        var journeyId = request.Journey.Length == 0 ? null : problems.Name("journey", request.Journey, "journeys");
        if (!Enum.IsDefined(request.State))
        {
            problems.Add(new("state", "is not a state that this version knows"));
        }
        problems.AtMost("owner", request.Owner, 200);
        problems.ThrowIfAny(ErrorDomain);

        var state = request.State == OpportunityState.Unspecified ? null : (DealState?)((int)request.State - 1);
        var owner = request.Owner.Length == 0 ? null : request.Owner;
        var rows = await deals.ListAsync(context.Tenant(), page.Start, journeyId, state, owner, page.Limit, context.CancellationToken);
        return new ListOpportunitiesResponse
        {
            Opportunities = { rows.Take(page.Size).Select(DealMapping.ToProto) },
            NextPageToken = page.NextToken(rows, deal => (deal.CreateTime, deal.Id)),
        };
    }

    [Authorize(Roles = Roles.Sellers)]
    public override async Task<V1.Opportunity> CreateOpportunity(CreateOpportunityRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Opportunity ?? new();
        var journeyId = problems.Name("opportunity.journey", wanted.Journey, "journeys");
        var details = DealMapping.ToDetails(wanted, problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await deals.CreateAsync(
            context.Tenant(), context.Actor(), journeyId!.Value, requestId, RequestLog.Fingerprint(context.Method, request), details, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Journey, request.RequestId);
    }

    [Authorize(Roles = Roles.Sellers)]
    public override async Task<V1.Opportunity> UpdateOpportunity(UpdateOpportunityRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Opportunity ?? new();
        var dealId = problems.Name("opportunity.name", wanted.Name, "opportunities");
        var version = Etag.Read(wanted.Etag);
        var paths = DealMapping.ReadMask(request, problems);
        var details = DealMapping.ToDetails(wanted, problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await deals.UpdateAsync(
            context.Tenant(), dealId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request),
            before => DealMapping.Merge(before, details, paths), clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);
    }

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Opportunity> CloseOpportunityWon(CloseOpportunityWonRequest request, ServerCallContext context) =>
        MoveAsync(deals.WinAsync, request, request.Name, request.Etag, request.RequestId, request.Reason, context);

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Opportunity> CloseOpportunityLost(CloseOpportunityLostRequest request, ServerCallContext context) =>
        MoveAsync(deals.LoseAsync, request, request.Name, request.Etag, request.RequestId, request.Reason, context);

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Opportunity> ReopenOpportunity(ReopenOpportunityRequest request, ServerCallContext context) =>
        MoveAsync(deals.ReopenAsync, request, request.Name, request.Etag, request.RequestId, request.Reason, context);

    public override Task<V1.Pipeline> GetPipeline(GetPipelineRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        problems.ThrowIfAny(ErrorDomain);
        var pipeline = DealMapping.ToProto(Pipeline.Default);
        return request.Name == pipeline.Name
            ? Task.FromResult(pipeline)
            : throw ApiErrors.NotFound(ErrorDomain, "PIPELINE_NOT_FOUND", request.Name);
    }

    [Authorize(Roles = Roles.Operators)]
    public override Task ImportTransitions(
        IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
        imports.RunAsync(Owner.Opportunity, ErrorDomain, requestStream, responseStream, context, dealImport.ApplyAsync);

    delegate Task<DealOutcome> MoveDeal(
        string tenant, string actor, Guid dealId, long? version, Guid? requestId, byte[] fingerprint, string reason, DateTimeOffset now, CancellationToken cancellationToken);

    async Task<V1.Opportunity> MoveAsync(
        MoveDeal move, IMessage request, string name, string etag, string requestIdText, string reason, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(requestIdText);
        var dealId = problems.Name("name", name, "opportunities");
        var version = Etag.Read(etag);
        problems.AtMost("reason", reason, 500);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await move(
            context.Tenant(), context.Actor(), dealId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), reason, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, name, requestIdText);
    }

    /// <param name="name">What the request named: the opportunity, or the journey of a new one.</param>
    static V1.Opportunity Answer(DealOutcome outcome, string name, string requestId) => outcome switch
    {
        DealOutcome.Done(var deal) => DealMapping.ToProto(deal),
        DealOutcome.NotFound => throw NotFound(name),
        DealOutcome.JourneyUnknown => throw DealErrors.JourneyNotReady(ErrorDomain, name, stage: null),
        DealOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        DealOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        DealOutcome.Refused(var decision) => throw DealErrors.Refused(ErrorDomain, name, decision),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException NotFound(string name) => ApiErrors.NotFound(ErrorDomain, "OPPORTUNITY_NOT_FOUND", name);
}
