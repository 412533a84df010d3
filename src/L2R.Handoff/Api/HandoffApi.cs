using System.Security.Claims;
using Google.Protobuf;
using Grpc.Core;
using L2R.Handoff.Domain;
using L2R.Handoff.Storage;
using L2R.Handoff.V1;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Owners;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Handoff.Api;

/// <summary>The gRPC face of the service: read the request, act, answer. Rules are in Domain, SQL in Storage.</summary>
[Authorize(Roles = Roles.Readers)]
sealed partial class HandoffApi(HandoffQueue queue, HandoffStore handoffs, RepStore reps, ImportServer imports, TimeProvider clock) : HandoffService.HandoffServiceBase
{
    const string ErrorDomain = "handoff.l2r";

    public override async Task<V1.Handoff> GetHandoff(GetHandoffRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var journeyId = problems.Count == 0 ? problems.Name("name", request.Name, "handoffs") : null;
        problems.ThrowIfAny(ErrorDomain);
        return await queue.FindAsync(context.Tenant(), journeyId!.Value, context.CancellationToken) is { } journey
            ? HandoffMapping.ToProto(journey)
            : throw ApiErrors.NotFound(ErrorDomain, "HANDOFF_NOT_FOUND", request.Name);
    }

    public override async Task<ListHandoffsResponse> ListHandoffs(ListHandoffsRequest request, ServerCallContext context)
    {
        List<FieldProblem> problems = [];
        var page = Page.Read(request, problems);
        var repId = request.Owner.Length == 0 ? null : problems.Name("owner", request.Owner, "reps");
        if (!Enum.IsDefined(request.Stage))
        {
            problems.Add(new("stage", "is not a stage that this version knows"));
        }
        if (request is { Unassigned: true, Owner.Length: > 0 })
        {
            problems.Add(new("unassigned", "must not be set together with owner"));
        }
        problems.ThrowIfAny(ErrorDomain);

        var query = new HandoffQuery(page.Start, request.Stage.ToDomain(), repId, request.Unassigned, page.Limit);
        var rows = await queue.ListAsync(context.Tenant(), query, context.CancellationToken);
        return new ListHandoffsResponse
        {
            Handoffs = { rows.Take(page.Size).Select(HandoffMapping.ToProto) },
            NextPageToken = page.NextToken(rows, journey => (journey.QueueTime!.Value, journey.JourneyId)),
        };
    }

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> AcceptHandoff(AcceptHandoffRequest request, ServerCallContext context) =>
        CommandAsync(request, request.Name, request.Etag, request.RequestId, context, RequiredFields.FindMissing(request), handoffs.AcceptAsync);

    [Authorize(Roles = Roles.Sellers)]
    public override async Task<V1.Handoff> PullLead(PullLeadRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var leadId = problems.Name("lead", request.Lead, "leads");
        problems.AtMost("reason", request.Reason, 500);
        var command = Command(request, journeyId: null, request.Etag, request.RequestId, context, problems);
        problems.ThrowIfAny(ErrorDomain);

        return await handoffs.PullAsync(command, leadId!.Value, request.Reason, context.CancellationToken) switch
        {
            HandoffOutcome.NotHeardOf => throw ApiErrors.NotHeardYet(ErrorDomain, "LEAD_NOT_HEARD_OF",
                $"Handoff has not heard of a journey of '{request.Lead}'. If Intake has it, the event is on its way: try again.", ("lead", request.Lead)),
            var outcome => Answer(outcome, request.Lead, request.RequestId),
        };
    }

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> RejectHandoff(RejectHandoffRequest request, ServerCallContext context) =>
        EndAsync(request, request.Name, request.Etag, request.RequestId, Stage.Rejected, request.Reason, context);

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> RecycleHandoff(RecycleHandoffRequest request, ServerCallContext context) =>
        EndAsync(request, request.Name, request.Etag, request.RequestId, Stage.Recycled, request.Reason, context);

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> DisqualifyHandoff(DisqualifyHandoffRequest request, ServerCallContext context) =>
        EndAsync(request, request.Name, request.Etag, request.RequestId, Stage.Disqualified, request.Reason, context);

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> ReopenHandoff(ReopenHandoffRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        problems.AtMost("reason", request.Reason, 500);
        return CommandAsync(request, request.Name, request.Etag, request.RequestId, context, problems,
            (command, cancellationToken) => handoffs.ReopenAsync(command, request.Reason, cancellationToken));
    }

    [Authorize(Roles = Roles.Sellers)]
    public override Task<V1.Handoff> QualifyHandoff(QualifyHandoffRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var qualification = HandoffMapping.ToQualification(request.Qualification ?? new(), problems);
        return CommandAsync(request, request.Name, request.Etag, request.RequestId, context, problems,
            (command, cancellationToken) => handoffs.QualifyAsync(command, qualification, cancellationToken));
    }

    [Authorize(Roles = Roles.Sellers)]
    public override async Task<V1.Handoff> AssignHandoff(AssignHandoffRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var repId = problems.Name("owner", request.Owner, "reps");
        return await CommandAsync(request, request.Name, request.Etag, request.RequestId, context, problems, async (command, cancellationToken) =>
            await handoffs.AssignAsync(command, repId!.Value, cancellationToken) is var outcome and not HandoffOutcome.RepNotFound
                ? outcome
                : throw RepNotFound(request.Owner));
    }

    [Authorize(Roles = Roles.Operators)]
    public override Task ImportTransitions(
        IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
        imports.RunAsync(Owner.Handoff, ErrorDomain, requestStream, responseStream, context, HandoffImport.ApplyAsync);

    Task<V1.Handoff> EndAsync(
        IMessage request, string name, string etag, string requestId, Stage exit, string reason, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        problems.AtMost("reason", reason, 500);
        return CommandAsync(request, name, etag, requestId, context, problems,
            (command, cancellationToken) => handoffs.EndAsync(command, exit, reason, cancellationToken));
    }

    async Task<V1.Handoff> CommandAsync(
        IMessage request,
        string name,
        string etag,
        string requestId,
        ServerCallContext context,
        List<FieldProblem> problems,
        Func<HandoffCommand, CancellationToken, Task<HandoffOutcome>> act)
    {
        var journeyId = problems.Name("name", name, "handoffs");
        var command = Command(request, journeyId, etag, requestId, context, problems);
        problems.ThrowIfAny(ErrorDomain);
        return Answer(await act(command, context.CancellationToken), name, requestId);
    }

    HandoffCommand Command(IMessage request, Guid? journeyId, string etag, string requestId, ServerCallContext context, List<FieldProblem> problems) => new(
        context.Tenant(),
        context.Actor(),
        context.GetHttpContext().User.FindFirstValue("sub") ?? "",
        journeyId ?? default,
        Etag.Read(etag),
        problems.RequestId(requestId),
        RequestLog.Fingerprint(context.Method, request),
        clock.GetStorableNow());

    static V1.Handoff Answer(HandoffOutcome outcome, string name, string requestId) => outcome switch
    {
        HandoffOutcome.Done(var journey) => HandoffMapping.ToProto(journey),
        HandoffOutcome.NotHeardOf or HandoffOutcome.Refused(HandoffDecision.NotHeardOf) => throw ApiErrors.NotHeardYet(
            ErrorDomain, "HANDOFF_NOT_HEARD_OF",
            $"Handoff has not heard that the journey of '{name}' became an MQL. If it has, the event is on its way: try again.", ("name", name)),
        HandoffOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        HandoffOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        HandoffOutcome.Refused(HandoffDecision.Refused(var from, var to, var possible)) => throw MoveErrors.NotAllowed(ErrorDomain, name, from, to, possible),
        HandoffOutcome.Refused(HandoffDecision.IsHistory) => throw MoveErrors.IsHistory(ErrorDomain, name),
        HandoffOutcome.Refused(HandoffDecision.Incomplete(var missing)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "QUALIFICATION_INCOMPLETE",
            $"Not met: {string.Join(", ", missing)}. An SQL meets all four criteria; recycle or disqualify what does not.",
            ("missing", string.Join(",", missing))),
        HandoffOutcome.Refused(HandoffDecision.NotOpen(var stage)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "HANDOFF_NOT_OPEN",
            $"The journey of '{name}' stands in {stage.Name()}: only an MQL, SAL or SQL has an owner to change.", ("name", name), ("stage", stage.Name())),
        HandoffOutcome.Refused(HandoffDecision.NotEnded(var stage)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "HANDOFF_NOT_ENDED",
            $"The journey of '{name}' stands in {stage.Name()}: only what was rejected, recycled or disqualified here is reopened.", ("name", name), ("stage", stage.Name())),
        HandoffOutcome.Refused(HandoffDecision.NotLatest) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "JOURNEY_NOT_LATEST",
            $"The lead of '{name}' has a later journey: work on that one.", ("name", name)),
        HandoffOutcome.Refused(HandoffDecision.RepInactive(var repId)) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "REP_INACTIVE",
            $"{HandoffMapping.RepName(repId)} is not active: choose another rep, or make this one active.", ("name", HandoffMapping.RepName(repId))),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException RepNotFound(string name) => ApiErrors.NotFound(ErrorDomain, "REP_NOT_FOUND", name);
}
