using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Target = L2R.Metrics.V1.Target;

namespace L2R.Metrics.Api;

/// <remarks>The part that keeps targets.</remarks>
sealed partial class MetricsApi
{
    [Authorize(Roles = Roles.Operators)]
    public override async Task<Target> CreateTarget(CreateTargetRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var details = TargetMapping.ToDetails(request.Target ?? new(), await CustomOfAsync(context), problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await targets.CreateAsync(
            context.Tenant(), requestId, RequestLog.Fingerprint(context.Method, request), details, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, "the target of this request", request.RequestId);
    }

    public override async Task<Target> GetTarget(GetTargetRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var targetId = problems.Name("name", request.Name, "targets");
        problems.ThrowIfAny(ErrorDomain);

        var all = await targets.ListAsync(context.Tenant(), context.CancellationToken);
        return all.FirstOrDefault(target => target.Id == targetId) is { } found
            ? TargetMapping.ToProto(found)
            : throw TargetNotFound(request.Name);
    }

    public override async Task<ListTargetsResponse> ListTargets(ListTargetsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        var at = problems.AnyInstant("in_force_at", request.InForceAt);
        problems.ThrowIfAny(ErrorDomain);

        // A tenant has few of them: a page is a part of all, and what is in force depends on all.
        var all = await targets.ListAsync(context.Tenant(), context.CancellationToken);
        var inForce = at is { } instant ? new Targets(all).InForce(instant).Select(target => target.Id).ToHashSet() : null;
        var rows = page.Of(all.Where(target => inForce?.Contains(target.Id) != false), target => (target.CreateTime, target.Id));
        return new ListTargetsResponse
        {
            Targets = { rows.Take(page.Size).Select(TargetMapping.ToProto) },
            NextPageToken = page.NextToken(rows, target => (target.CreateTime, target.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Target> UpdateTarget(UpdateTargetRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        // What is not named stays as it is.
        problems.RemoveAll(problem => problem.Field.StartsWith("target.", StringComparison.Ordinal) && problem.Problem == FieldProblem.Required);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Target ?? new();
        var targetId = problems.Name("target.name", wanted.Name, "targets");
        var version = Etag.Read(wanted.Etag);
        var paths = TargetMapping.ReadMask(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var custom = await CustomOfAsync(context);
        var outcome = await targets.UpdateAsync(
            context.Tenant(), targetId!.Value, version, requestId, RequestLog.Fingerprint(context.Method, request), Change, clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);

        TargetDetails Change(TargetDetails before)
        {
            List<FieldProblem> broken = [];
            var merged = TargetMapping.Merge(TargetMapping.ToProto(before), wanted, paths, broken);
            var details = TargetMapping.ToDetails(merged, custom, broken);
            broken.ThrowIfAny(ErrorDomain);
            return details;
        }
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Empty> DeleteTarget(DeleteTargetRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var targetId = problems.Name("name", request.Name, "targets");
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await targets.DeleteAsync(
            context.Tenant(), targetId!.Value, Etag.Read(request.Etag), requestId, RequestLog.Fingerprint(context.Method, request), context.CancellationToken);
        Answer(outcome, request.Name, request.RequestId);
        return new Empty();
    }

    async Task<CustomDimensions> CustomOfAsync(ServerCallContext context) =>
        (await settings.FindAsync(context.Tenant(), context.CancellationToken)).Custom;

    /// <returns>An empty one where it is deleted.</returns>
    static Target Answer(TargetOutcome outcome, string name, string requestId) => outcome switch
    {
        TargetOutcome.Done(var target) => target is null ? new Target() : TargetMapping.ToProto(target),
        TargetOutcome.NotFound => throw TargetNotFound(name),
        TargetOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        TargetOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        TargetOutcome.Overlaps(var other) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "TARGET_OVERLAPS",
            $"{TargetMapping.Name(other.Id)} aims at the same figure at the same time. End it first, or start this one later.",
            ("name", TargetMapping.Name(other.Id))),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException TargetNotFound(string name) => ApiErrors.NotFound(ErrorDomain, "TARGET_NOT_FOUND", name);
}
