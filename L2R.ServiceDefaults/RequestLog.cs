using System.Security.Cryptography;
using Google.Protobuf;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>What became of a request id.</summary>
public abstract record RequestClaim
{
    RequestClaim() { }

    /// <summary>It is new; it is remembered if the transaction commits.</summary>
    public sealed record Fresh : RequestClaim;

    /// <summary>The same request succeeded before, on this resource: answer with the resource as it is now.</summary>
    /// <param name="Outcome">What the first answer said beside the resource.</param>
    public sealed record Replayed(Guid ResourceId, string Outcome) : RequestClaim;

    /// <summary>Another request had this id.</summary>
    public sealed record Reused : RequestClaim;
}

/// <summary>Remembers the requests that succeeded, in the transaction of their effect.</summary>
/// <remarks>
/// Claim first, act second: a retry that overlaps the first try waits at the claim until that one commits, and then
/// finds it. A request that is refused rolls its claim back, so the caller may correct it and use the same id.
/// </remarks>
public static class RequestLog
{
    const string ClaimSql = """
        INSERT INTO requests (tenant_id, request_id, fingerprint, resource_id, outcome)
        VALUES (@tenant, @request_id, @fingerprint, @resource_id, @outcome)
        ON CONFLICT DO NOTHING
        """;

    const string FindSql = "SELECT fingerprint, resource_id, outcome FROM requests WHERE tenant_id = @tenant AND request_id = @request_id";

    /// <summary>Identifies the content of a request: method and body. A request id in capitals is the same id.</summary>
    public static byte[] Fingerprint(string method, IMessage request)
    {
        var field = request.Descriptor.FindFieldByName("request_id");
        if (field?.Accessor.GetValue(request) is string requestId && requestId.Any(char.IsAsciiLetterUpper))
        {
            request = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
            field.Accessor.SetValue(request, requestId.ToLowerInvariant());
        }
        return SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(method), 0, .. request.ToByteArray()]);
    }

    /// <summary>Claims the id for a request that acts on the resource. Null ids are always fresh.</summary>
    public static Task<RequestClaim> ClaimRequestAsync(
        this NpgsqlTransaction transaction, string tenant, Guid? requestId, byte[] fingerprint, Guid resourceId, CancellationToken cancellationToken) =>
        transaction.ClaimRequestAsync(tenant, requestId, fingerprint, resourceId, outcome: "", cancellationToken);

    /// <param name="outcome">What the answer says beside the resource, for a retry to repeat.</param>
    public static async Task<RequestClaim> ClaimRequestAsync(
        this NpgsqlTransaction transaction, string tenant, Guid? requestId, byte[] fingerprint, Guid resourceId, string outcome, CancellationToken cancellationToken)
    {
        if (requestId is not { } id)
        {
            return new RequestClaim.Fresh();
        }
        await using var claim = new NpgsqlCommand(ClaimSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("request_id", id),
                new NpgsqlParameter<byte[]>("fingerprint", fingerprint),
                new NpgsqlParameter<Guid>("resource_id", resourceId),
                new NpgsqlParameter<string>("outcome", outcome),
            },
        };
        if (await claim.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return new RequestClaim.Fresh();
        }
        await using var find = new NpgsqlCommand(FindSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("request_id", id) },
        };
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(fingerprint)
            ? new RequestClaim.Replayed(reader.GetGuid(1), reader.GetString(2))
            : new RequestClaim.Reused();
    }
}
