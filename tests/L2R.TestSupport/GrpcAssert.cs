using Grpc.Core;
using L2R.Rpc;
using L2R.ServiceDefaults;
using Xunit;

namespace L2R.TestSupport;

/// <summary>An error as a caller sees it.</summary>
/// <param name="Violations">Of <c>BadRequest</c>: field and rule.</param>
/// <param name="RetryAfter">Of <c>RetryInfo</c>; null without one.</param>
public sealed record SeenError(
    StatusCode Code, string Reason, string Message, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<FieldProblem> Violations, TimeSpan? RetryAfter);

/// <summary>Looks at the errors of calls.</summary>
public static class GrpcAssert
{
    /// <summary>Expects the call to fail, with details.</summary>
    public static async Task<SeenError> FailsAsync<T>(AsyncUnaryCall<T> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await call);
        return Read(exception);
    }

    public static SeenError Read(RpcException exception)
    {
        var bytes = exception.Trailers.FirstOrDefault(entry => entry.Key == ApiErrors.DetailsTrailer)?.ValueBytes;
        Assert.True(bytes is not null, $"{exception.StatusCode} came without details: {exception.Status.Detail}");
        var status = Rpc.Status.Parser.ParseFrom(bytes);
        Assert.Equal((int)exception.StatusCode, status.Code);
        ErrorInfo info = new();
        List<FieldProblem> violations = [];
        TimeSpan? retryAfter = null;
        foreach (var detail in status.Details)
        {
            if (detail.TryUnpack<ErrorInfo>(out var errorInfo))
            {
                info = errorInfo;
            }
            if (detail.TryUnpack<BadRequest>(out var badRequest))
            {
                violations.AddRange(badRequest.FieldViolations.Select(v => new FieldProblem(v.Field, v.Description)));
            }
            if (detail.TryUnpack<RetryInfo>(out var retry))
            {
                retryAfter = retry.RetryDelay.ToTimeSpan();
            }
        }
        return new SeenError(exception.StatusCode, info.Reason, status.Message, info.Metadata, violations, retryAfter);
    }
}
