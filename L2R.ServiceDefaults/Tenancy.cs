using System.Security.Claims;
using System.Text.RegularExpressions;
using Grpc.Core;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>Whose call it is. From the token alone, never from the request.</summary>
public static partial class Tenancy
{
    public const string TenantClaim = "tenant";

    /// <summary>1 to 63 characters: lower-case letters, digits and hyphens. It is part of routing keys.</summary>
    public static bool IsValid(string? tenant) => tenant is not null && TenantPattern().IsMatch(tenant);

    /// <summary>The caller's tenant. Every authorised call has one.</summary>
    public static string Tenant(this ServerCallContext context) =>
        context.GetHttpContext().User.FindFirstValue(TenantClaim)
        ?? throw new InvalidOperationException("An unauthorised call got past authorization.");

    /// <summary>Who calls, as the ledger names them: <c>user:{sub}</c>, or <c>service:{sub}</c> for the role service.</summary>
    public static string Actor(this ServerCallContext context)
    {
        var user = context.GetHttpContext().User;
        return (user.IsInRole(Roles.Service) ? "service:" : "user:") + user.FindFirstValue("sub");
    }

    /// <summary>Begins a transaction that sees and writes one tenant's rows alone.</summary>
    public static async Task<NpgsqlTransaction> BeginTenantAsync(this NpgsqlConnection connection, string tenant, CancellationToken cancellationToken)
    {
        // BEGIN travels with the first statement, so this is one round trip.
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.SetTenant(tenant);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    /// <summary>Makes the batch one tenant's; a batch outside a transaction is one of its own. To be added first.</summary>
    public static void SetTenant(this NpgsqlBatch batch, string tenant) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SetSql) { Parameters = { new NpgsqlParameter<string> { TypedValue = tenant } } });

    const string SetSql = "SELECT set_config('l2r.tenant_id', $1, true)";

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex TenantPattern();
}

/// <summary>The roles that tokens carry.</summary>
public static class Roles
{
    public const string Marketing = "marketing";
    public const string Sales = "sales";
    public const string RevOps = "revops";
    public const string Admin = "admin";
    public const string Service = "service";

    /// <summary>
    /// Who runs the deployment: sees the events that failed of every tenant, and nothing else. Never give it to a tenant's people.
    /// </summary>
    public const string Operator = "operator";

    /// <summary>May read what belongs to their tenant. Every service asks for this, and each rpc that changes something for more.</summary>
    public const string Readers = $"{Marketing},{Sales},{RevOps},{Admin},{Service}";

    /// <summary>May work leads in, and tell history.</summary>
    public const string Marketers = $"{Marketing},{RevOps},{Admin},{Service}";

    /// <summary>May work the handoff queue and the pipeline.</summary>
    public const string Sellers = $"{Sales},{RevOps},{Admin},{Service}";

    /// <summary>May import, and change policies and settings.</summary>
    public const string Operators = $"{RevOps},{Admin},{Service}";
}
