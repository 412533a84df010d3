using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Rpc;

namespace L2R.ServiceDefaults;

/// <summary>One field of a request that breaks a rule.</summary>
/// <param name="Field">The path in proto names: <c>lead.person.email</c>.</param>
/// <param name="Problem">The rule, as a predicate: <c>must be at most 254 characters</c>.</param>
public readonly record struct FieldProblem(string Field, string Problem);

/// <summary>The errors that callers see: a gRPC status with <c>google.rpc.Status</c> in its trailer.</summary>
public static class ApiErrors
{
    /// <summary>The trailer that carries the serialised <c>google.rpc.Status</c>.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>INVALID_ARGUMENT with every problem at once, so that a caller needs one round to fix them.</summary>
    public static RpcException InvalidFields(string domain, IReadOnlyCollection<FieldProblem> problems)
    {
        var badRequest = new BadRequest();
        badRequest.FieldViolations.AddRange(problems.Select(p =>
            new BadRequest.Types.FieldViolation { Field = p.Field, Description = p.Problem }));
        return Create(StatusCode.InvalidArgument, domain, "FIELDS_INVALID",
            "One or more fields are invalid: " + string.Join("; ", problems.Select(p => $"{p.Field} {p.Problem}")) + ".", badRequest);
    }

    public static RpcException InvalidField(string domain, string field, string problem) =>
        InvalidFields(domain, [new FieldProblem(field, problem)]);

    /// <summary>NOT_FOUND; a resource of another tenant is not found either.</summary>
    /// <param name="reason">Such as <c>LEAD_NOT_FOUND</c>.</param>
    public static RpcException NotFound(string domain, string reason, string name) =>
        Create(StatusCode.NotFound, domain, reason, $"'{name}' does not exist.", ("name", name));

    /// <summary>ABORTED: somebody else changed the resource; read it again and decide anew.</summary>
    public static RpcException EtagStale(string domain, string name) =>
        Create(StatusCode.Aborted, domain, "ETAG_STALE",
            $"'{name}' changed since it was read. Get it again, and send its new etag.", ("name", name));

    public static RpcException RequestIdReused(string domain, string requestId) =>
        Create(StatusCode.InvalidArgument, domain, "REQUEST_ID_REUSED",
            $"request_id {requestId} was used before with a different request. Choose a new one.", ("request_id", requestId));

    /// <summary>FAILED_PRECONDITION with RetryInfo of 1 s: an event that makes this possible may still be on its way.</summary>
    public static RpcException NotHeardYet(string domain, string reason, string message, params (string Key, string Value)[] metadata) =>
        Create(StatusCode.FailedPrecondition, domain, reason, message,
            new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) }, metadata);

    public static RpcException Create(
        StatusCode code, string domain, string reason, string message, params (string Key, string Value)[] metadata) =>
        Create(code, domain, reason, message, detail: null, metadata);

    public static RpcException Create(
        StatusCode code, string domain, string reason, string message, IMessage? detail, params (string Key, string Value)[] metadata) =>
        new(new Grpc.Core.Status(code, message),
            new Metadata { { DetailsTrailer, Details(code, domain, reason, message, detail, metadata).ToByteArray() } });

    internal static L2R.Rpc.Status Details(
        StatusCode code, string domain, string reason, string message, IMessage? detail, params (string Key, string Value)[] metadata)
    {
        var info = new ErrorInfo { Domain = domain, Reason = reason };
        foreach (var (key, value) in metadata)
        {
            info.Metadata.Add(key, value);
        }
        var status = new L2R.Rpc.Status { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
        if (detail is not null)
        {
            status.Details.Add(Any.Pack(detail));
        }
        return status;
    }
}
