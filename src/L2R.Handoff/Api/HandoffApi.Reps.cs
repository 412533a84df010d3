using Grpc.Core;
using L2R.Handoff.Domain;
using L2R.Handoff.Storage;
using L2R.Handoff.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Rep = L2R.Handoff.V1.Rep;

namespace L2R.Handoff.Api;

/// <remarks>The part that manages reps.</remarks>
sealed partial class HandoffApi
{
    [Authorize(Roles = Roles.Operators)]
    public override async Task<Rep> CreateRep(CreateRepRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var details = HandoffMapping.ToDetails(request.Rep ?? new(), problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await reps.CreateAsync(
            context.Tenant(), requestId, RequestLog.Fingerprint(context.Method, request), details, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, name: "", request.RequestId);
    }

    public override async Task<Rep> GetRep(GetRepRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var repId = problems.Count == 0 ? problems.Name("name", request.Name, "reps") : null;
        problems.ThrowIfAny(ErrorDomain);
        return await reps.FindAsync(context.Tenant(), repId!.Value, context.CancellationToken) is { } rep
            ? HandoffMapping.ToProto(rep)
            : throw RepNotFound(request.Name);
    }

    public override async Task<ListRepsResponse> ListReps(ListRepsRequest request, ServerCallContext context)
    {
        List<FieldProblem> problems = [];
        var page = Page.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var rows = await reps.ListAsync(context.Tenant(), page.Start, page.Limit, context.CancellationToken);
        return new ListRepsResponse
        {
            Reps = { rows.Take(page.Size).Select(HandoffMapping.ToProto) },
            NextPageToken = page.NextToken(rows, rep => (rep.CreateTime, rep.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Rep> UpdateRep(UpdateRepRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        problems.RemoveAll(problem => problem.Field == "rep.display_name"); // it may be one of the fields that stay
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Rep ?? new();
        var repId = problems.Name("rep.name", wanted.Name, "reps");
        var version = Etag.Read(wanted.Etag);
        var paths = RepMask.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await reps.UpdateAsync(
            context.Tenant(), repId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), Change, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);

        RepDetails Change(RepDetails before)
        {
            var merged = RepMask.Merge(HandoffMapping.ToProto(before), wanted, paths);
            List<FieldProblem> broken = [];
            if (string.IsNullOrWhiteSpace(merged.DisplayName))
            {
                broken.Add(new("rep.display_name", "is required"));
            }
            var details = HandoffMapping.ToDetails(merged, broken);
            broken.ThrowIfAny(ErrorDomain);
            return details;
        }
    }

    static Rep Answer(RepOutcome outcome, string name, string requestId) => outcome switch
    {
        RepOutcome.Done(var rep) => HandoffMapping.ToProto(rep),
        RepOutcome.NotFound => throw RepNotFound(name),
        RepOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        RepOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        RepOutcome.SubjectTaken(var other) => throw ApiErrors.Create(
            StatusCode.AlreadyExists, ErrorDomain, "REP_EXISTS",
            $"Another rep, {HandoffMapping.RepName(other)}, has this subject.", ("name", HandoffMapping.RepName(other))),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };
}
