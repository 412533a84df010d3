using System.Text;
using System.Text.RegularExpressions;
using Grpc.Core;
using L2R.Rpc;
using L2R.ServiceDefaults;
using Xunit;

namespace L2R.TestSupport;

/// <summary>An error as a caller sees it.</summary>
/// <param name="Violations">Of <c>BadRequest</c>: field and rule.</param>
/// <param name="RetryAfter">Of <c>RetryInfo</c>; null without one.</param>
/// <param name="SentBytes">Of message and details, as they travel in headers.</param>
public sealed record SeenError(
    StatusCode Code,
    string Reason,
    string Message,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<FieldProblem> Violations,
    TimeSpan? RetryAfter,
    int SentBytes)
{
    /// <summary>What docs/errors.md promises of every error: clients exist that take 8 KB of headers in all.</summary>
    public const int MostBytes = 5_000;
}

/// <summary>Looks at the errors of calls.</summary>
public static partial class GrpcAssert
{
    /// <summary>Expects the call to fail, with details that have what its message names.</summary>
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
        Assert.Equal(status.Message, exception.Status.Detail);
        // Of wrong fields the violations tell more; of tokens, headers and claims are quoted.
        if (info.Reason is not ("FIELDS_INVALID" or "TOKEN_MISSING" or "TOKEN_INVALID"))
        {
            Assert.All(Quoted().Matches(status.Message), quoted =>
                Assert.Contains(info.Metadata.Values, value => value.StartsWith(quoted.Groups[1].Value, StringComparison.Ordinal)));
        }
        var sentBytes = Encoding.UTF8.GetBytes(status.Message).Sum(octet => octet is >= 0x20 and <= 0x7E and not (byte)'%' ? 1 : 3) + (bytes.Length * 4 / 3);
        return new SeenError(exception.StatusCode, info.Reason, status.Message, info.Metadata, violations, retryAfter, sentBytes);
    }

    [GeneratedRegex(@"'([^']*?)(?:\.\.\.)?'")]
    private static partial Regex Quoted();
}
