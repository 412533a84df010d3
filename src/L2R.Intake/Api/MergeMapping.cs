using Grpc.Core;
using L2R.Intake.Storage;
using L2R.ServiceDefaults;

namespace L2R.Intake.Api;

/// <summary>What became of a merge, on the wire.</summary>
static class MergeMapping
{
    public static V1.Lead Answer(MergeOutcome outcome, string errorDomain, string loser, string requestId) => outcome switch
    {
        MergeOutcome.Done(var lead) => LeadMapping.ToProto(lead),
        MergeOutcome.NotFound(var lead) => throw ApiErrors.NotFound(errorDomain, "LEAD_NOT_FOUND", LeadMapping.Name(lead)),
        MergeOutcome.AlreadyMerged(var lead, var survivor) => throw IsMerged(errorDomain, LeadMapping.Name(lead), survivor),
        MergeOutcome.NotMerged => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, errorDomain, "LEAD_NOT_MERGED", $"'{loser}' is merged into no other lead.", ("name", loser)),
        MergeOutcome.EtagStale => throw ApiErrors.EtagStale(errorDomain, loser),
        MergeOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(errorDomain, requestId),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    public static RpcException IsMerged(string errorDomain, string name, Guid survivor) => ApiErrors.Create(
        StatusCode.FailedPrecondition, errorDomain, "LEAD_MERGED",
        $"'{name}' is the same person as '{LeadMapping.Name(survivor)}' and was merged into it: work on that one.",
        ("name", name), ("survivor", LeadMapping.Name(survivor)));
}
