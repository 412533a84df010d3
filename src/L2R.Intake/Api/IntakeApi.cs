using Google.Protobuf;
using Grpc.Core;
using L2R.Intake.Domain;
using L2R.Intake.Storage;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Owners;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Lead = L2R.Intake.V1.Lead;
using Touchpoint = L2R.Intake.V1.Touchpoint;

namespace L2R.Intake.Api;

/// <summary>The gRPC face of the service: read the request, act, answer. Rules are in Domain, SQL in Storage.</summary>
[Authorize(Roles = Roles.Readers)]
sealed class IntakeApi(
    NewLeads newLeads, LeadStore leads, TouchpointStore touchpoints, ImportServer imports, LeadImport leadImport,
    TouchpointImport touchpointImport, LeadMerges merges, TimeProvider clock)
    : IntakeService.IntakeServiceBase
{
    const string ErrorDomain = "intake.l2r";

    public override async Task<Lead> GetLead(GetLeadRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var leadId = problems.Count == 0 ? problems.Name("name", request.Name, "leads") : null;
        problems.ThrowIfAny(ErrorDomain);
        return await leads.FindAsync(context.Tenant(), leadId!.Value, context.CancellationToken) is { } lead
            ? LeadMapping.ToProto(lead)
            : throw NotFound(request.Name);
    }

    public override async Task<ListLeadsResponse> ListLeads(ListLeadsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var externalId = request.ExternalId.Length == 0 ? null : request.ExternalId;
        var rows = await leads.ListAsync(context.Tenant(), page.Start, externalId, page.Limit, context.CancellationToken);
        return new ListLeadsResponse
        {
            Leads = { rows.Take(page.Size).Select(LeadMapping.ToProto) },
            NextPageToken = page.NextToken(rows, lead => (lead.CreateTime, lead.Id)),
        };
    }

    [Authorize(Roles = Roles.Marketers)]
    public override async Task<CreateLeadResponse> CreateLead(CreateLeadRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var details = LeadMapping.ToDetails(request.Lead ?? new(), problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await newLeads.CreateAsync(
            context.Tenant(), context.Actor(), requestId, RequestLog.Fingerprint(context.Method, request), details, clock.GetStorableNow(), context.CancellationToken);
        return outcome switch
        {
            CreateOutcome.Created(var lead) => new CreateLeadResponse
            {
                Lead = LeadMapping.ToProto(lead),
                Disposition = CreateLeadResponse.Types.Disposition.Created,
            },
            CreateOutcome.Existing(var lead, var rule) => new CreateLeadResponse
            {
                Lead = LeadMapping.ToProto(lead),
                Disposition = CreateLeadResponse.Types.Disposition.Existing,
                Rule = rule,
            },
            CreateOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, request.RequestId),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
        };
    }

    [Authorize(Roles = Roles.Marketers)]
    public override async Task<Lead> UpdateLead(UpdateLeadRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Lead ?? new();
        var leadId = problems.Name("lead.name", wanted.Name, "leads");
        var version = Etag.Read(wanted.Etag);
        var paths = LeadMask.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await leads.UpdateAsync(
            context.Tenant(), leadId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), Change, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);

        LeadDetails Change(LeadDetails before)
        {
            var merged = LeadMask.Merge(LeadMapping.ToProto(before), wanted, paths);
            List<FieldProblem> broken = [];
            var details = LeadMapping.ToDetails(merged, broken);
            broken.ThrowIfAny(ErrorDomain);
            return details;
        }
    }

    [Authorize(Roles = Roles.Marketers)]
    public override Task<Lead> DisqualifyLead(DisqualifyLeadRequest request, ServerCallContext context) =>
        MoveAsync(request, request.Name, request.Etag, request.RequestId, request.Reason, RequiredFields.FindMissing(request), context,
            (lead, now) => Journeys.Disqualify(lead.Journey, request.Reason, now));

    [Authorize(Roles = Roles.Marketers)]
    public override Task<Lead> ReopenLead(ReopenLeadRequest request, ServerCallContext context) =>
        MoveAsync(request, request.Name, request.Etag, request.RequestId, request.Reason, RequiredFields.FindMissing(request), context,
            (lead, now) => Journeys.Reopen(lead.Journey, request.Reason, now));

    [Authorize(Roles = Roles.Marketers)]
    public override Task<Lead> OpenJourney(OpenJourneyRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        problems.KebabCase("motion", request.Motion);
        return MoveAsync(request, request.Name, request.Etag, request.RequestId, request.Reason, problems, context,
            (lead, now) => Journeys.OpenNext(lead, Guid.CreateVersion7(now), request.Motion, request.Reason, now));
    }

    [Authorize(Roles = Roles.Marketers)]
    public override async Task<Touchpoint> RecordTouchpoint(RecordTouchpointRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var now = clock.GetStorableNow();
        var wanted = request.Touchpoint ?? new();
        var leadId = problems.Name("touchpoint.lead", wanted.Lead, "leads");
        problems.KebabCase("touchpoint.kind", wanted.Kind);
        problems.KebabCase("touchpoint.channel", wanted.Channel);
        problems.AtMost("touchpoint.campaign", wanted.Campaign, 200);
        var occurTime = problems.OccurTime("touchpoint.occur_time", wanted.OccurTime, now);
        var cost = problems.Cost("touchpoint.cost", wanted.Cost);
        problems.ThrowIfAny(ErrorDomain);

        var touchpoint = new Domain.Touchpoint(
            Guid.CreateVersion7(now), leadId!.Value, wanted.Kind, occurTime, wanted.Channel.Length == 0 ? "unknown" : wanted.Channel, wanted.Campaign, wanted.Engagement)
        {
            Cost = cost,
            Currency = wanted.Cost?.CurrencyCode,
        };
        var outcome = await touchpoints.RecordAsync(
            context.Tenant(), context.Actor(), requestId, RequestLog.Fingerprint(context.Method, request), touchpoint, now, context.CancellationToken);
        return outcome switch
        {
            TouchOutcome.Recorded(var recorded) => LeadMapping.ToProto(recorded),
            TouchOutcome.LeadNotFound => throw NotFound(wanted.Lead),
            TouchOutcome.LeadMerged(var survivor) => throw MergeMapping.IsMerged(ErrorDomain, wanted.Lead, survivor),
            TouchOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, request.RequestId),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override Task ImportTransitions(
        IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
        imports.RunAsync(Owner.Intake, ErrorDomain, requestStream, responseStream, context, leadImport.ApplyAsync);

    [Authorize(Roles = Roles.Operators)]
    public override Task ImportTouchpoints(
        IAsyncStreamReader<ImportTouchpointsRequest> requestStream, IServerStreamWriter<ImportTouchpointsResponse> responseStream, ServerCallContext context) =>
        imports.AnswerAsync(ErrorDomain, requestStream, responseStream, context, batch =>
        {
            TouchpointImportReader.Check(batch, ErrorDomain);
            return touchpointImport.StoreAsync(context.Tenant(), batch, context.CancellationToken);
        });

    [Authorize(Roles = Roles.Marketers)]
    public override async Task<Lead> MergeLeads(MergeLeadsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var (loser, survivor) = (problems.Name("loser", request.Loser, "leads"), problems.Name("survivor", request.Survivor, "leads"));
        if (loser is not null && loser == survivor)
        {
            problems.Add(new("survivor", "must be another lead than loser"));
        }
        var version = Etag.Read(request.Etag);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await merges.MergeAsync(
            context.Tenant(), loser!.Value, survivor!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), clock.GetStorableNow(),
            context.CancellationToken);
        return MergeMapping.Answer(outcome, ErrorDomain, request.Loser, request.RequestId);
    }

    [Authorize(Roles = Roles.Marketers)]
    public override async Task<Lead> UnmergeLeads(UnmergeLeadsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var loser = problems.Name("loser", request.Loser, "leads");
        var version = Etag.Read(request.Etag);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await merges.UnmergeAsync(
            context.Tenant(), loser!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), clock.GetStorableNow(), context.CancellationToken);
        return MergeMapping.Answer(outcome, ErrorDomain, request.Loser, request.RequestId);
    }

    async Task<Lead> MoveAsync(
        IMessage request,
        string name,
        string etag,
        string requestIdText,
        string reason,
        List<FieldProblem> problems,
        ServerCallContext context,
        Func<Domain.Lead, DateTimeOffset, JourneyDecision> decide)
    {
        var requestId = problems.RequestId(requestIdText);
        var leadId = problems.Name("name", name, "leads");
        var version = Etag.Read(etag);
        problems.AtMost("reason", reason, 500);
        problems.ThrowIfAny(ErrorDomain);

        var now = clock.GetStorableNow();
        var outcome = await leads.MoveAsync(
            context.Tenant(), context.Actor(), leadId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), lead => decide(lead, now), now, context.CancellationToken);
        return Answer(outcome, name, requestIdText);
    }

    static Lead Answer(ChangeOutcome outcome, string name, string requestId) => outcome switch
    {
        ChangeOutcome.Done(var lead) => LeadMapping.ToProto(lead),
        ChangeOutcome.NotFound => throw NotFound(name),
        ChangeOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        ChangeOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        ChangeOutcome.IdentityTaken(var other) => throw ApiErrors.Create(
            StatusCode.AlreadyExists, ErrorDomain, "LEAD_EXISTS",
            $"Another lead, {LeadMapping.Name(other)}, has this e-mail or external id.", ("name", LeadMapping.Name(other))),
        ChangeOutcome.Refused(JourneyDecision.Refused(var from, var possible)) => throw MoveErrors.NotAllowed(ErrorDomain, name, from, Ledger.Domain.Stage.Disqualified, possible),
        ChangeOutcome.Refused(JourneyDecision.IsMerged(var survivor)) => throw MergeMapping.IsMerged(ErrorDomain, name, survivor),
        ChangeOutcome.Refused(JourneyDecision.IsHistory) => throw MoveErrors.IsHistory(ErrorDomain, name),
        ChangeOutcome.Refused(JourneyDecision.NotEndedHere(var stage)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "LEAD_NOT_ENDED",
            $"The journey of '{name}' stands in {stage.Name()}: only a lead that was disqualified here is reopened. "
            + "The service that took another exit reopens it; new interest opens the next journey.", ("name", name), ("stage", stage.Name())),
        ChangeOutcome.Refused(JourneyDecision.NotOver(var stage)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "JOURNEY_NOT_ENDED",
            $"The journey of '{name}' stands in {stage.Name()}: the next one is opened once it was won or has ended. "
            + "A lead in RECYCLED is revived by a touchpoint of engagement.", ("name", name), ("stage", stage.Name())),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException NotFound(string name) => ApiErrors.NotFound(ErrorDomain, "LEAD_NOT_FOUND", name);
}
