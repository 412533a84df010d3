using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Rpc;

namespace L2R.ServiceDefaults;

/// <summary>One field of a request that breaks a rule.</summary>
/// <param name="Field">The path in proto names: <c>lead.person.email</c>.</param>
/// <param name="Problem">The rule, as a predicate: <c>must be at most 254 characters</c>.</param>
public readonly record struct FieldProblem(string Field, string Problem)
{
    /// <summary>Of a field that the contract requires.</summary>
    public const string Required = "is required";
}

/// <summary>The errors that callers see: a gRPC status with <c>google.rpc.Status</c> in its trailer.</summary>
public static class ApiErrors
{
    /// <summary>The trailer that carries the serialised <c>google.rpc.Status</c>.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>Refuses a request that has problems: INVALID_ARGUMENT with all of them at once, so that a caller needs one round to fix them.</summary>
    public static void ThrowIfAny(this List<FieldProblem> problems, string domain)
    {
        if (problems.Count > 0)
        {
            throw InvalidFields(domain, problems);
        }
    }

    /// <summary>What a caller is told of the problems: of a field that is missing, only that.</summary>
    public static IReadOnlyList<FieldProblem> Told(IReadOnlyCollection<FieldProblem> problems)
    {
        var missing = problems.Where(problem => problem.Problem == FieldProblem.Required).Select(problem => problem.Field).ToHashSet();
        return [.. problems.Where(problem => problem.Problem == FieldProblem.Required || !missing.Contains(problem.Field)).Distinct()];
    }

    static RpcException InvalidFields(string domain, IReadOnlyCollection<FieldProblem> problems)
    {
        var badRequest = new BadRequest();
        var told = Told(problems);
        badRequest.FieldViolations.AddRange(told.Select(p =>
            new BadRequest.Types.FieldViolation { Field = p.Field, Description = p.Problem }));
        return Create(StatusCode.InvalidArgument, domain, "FIELDS_INVALID",
            $"One or more fields are invalid: {ErrorSize.Join([.. told.Select(p => $"{p.Field} {p.Problem}")])}.",
            badRequest, ("violation_count", told.Count.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>NOT_FOUND; a resource of another tenant is not found either.</summary>
    /// <param name="reason">Such as <c>LEAD_NOT_FOUND</c>.</param>
    public static RpcException NotFound(string domain, string reason, string name) =>
        Create(StatusCode.NotFound, domain, reason, $"'{name.Echo()}' does not exist.", ("name", name));

    /// <summary>ABORTED: somebody else changed the resource; read it again and decide anew.</summary>
    public static RpcException EtagStale(string domain, string name) =>
        Create(StatusCode.Aborted, domain, "ETAG_STALE",
            $"'{name.Echo()}' changed since it was read. Get it again, and send its new etag.", ("name", name));

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

    /// <summary>An error of a size that every client takes; what is too long of it is cut.</summary>
    public static RpcException Create(
        StatusCode code, string domain, string reason, string message, IMessage? detail, params (string Key, string Value)[] metadata)
    {
        var status = Details(code, domain, reason, message, detail, metadata);
        return new(new Grpc.Core.Status(code, status.Message), new Metadata { { DetailsTrailer, status.ToByteArray() } });
    }

    internal static L2R.Rpc.Status Details(
        StatusCode code, string domain, string reason, string message, IMessage? detail, params (string Key, string Value)[] metadata)
    {
        var info = new ErrorInfo { Domain = domain, Reason = reason };
        foreach (var (key, value) in metadata)
        {
            info.Metadata.Add(key, ErrorSize.CutValue(value));
        }
        var status = new L2R.Rpc.Status { Code = (int)code, Message = ErrorSize.CutMessage(message), Details = { Any.Pack(info) } };
        if (detail is BadRequest badRequest)
        {
            ErrorSize.CutViolations(badRequest, status.CalculateSize());
        }
        if (detail is not null)
        {
            status.Details.Add(Any.Pack(detail));
        }
        return status;
    }
}
