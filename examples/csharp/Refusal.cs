using Grpc.Core;
using L2R.Rpc;

namespace Example;

/// <summary>What a failed call says beside its code, in the trailer <c>grpc-status-details-bin</c>.</summary>
/// <param name="Reason">To branch on: docs/errors.md lists them. Empty where the call did not come as far as L2R.</param>
/// <param name="Violations">The fields that are wrong, all at once.</param>
sealed record Refusal(string Reason, IReadOnlyList<BadRequest.Types.FieldViolation> Violations)
{
    public static Refusal Read(RpcException exception)
    {
        var details = exception.Trailers.GetValueBytes("grpc-status-details-bin") is { } bytes ? L2R.Rpc.Status.Parser.ParseFrom(bytes).Details : [];
        var reason = "";
        var violations = new List<BadRequest.Types.FieldViolation>();
        foreach (var detail in details)
        {
            if (detail.TryUnpack<ErrorInfo>(out var info))
            {
                reason = info.Reason;
            }
            else if (detail.TryUnpack<BadRequest>(out var bad))
            {
                violations.AddRange(bad.FieldViolations);
            }
        }
        return new Refusal(reason, violations);
    }
}
