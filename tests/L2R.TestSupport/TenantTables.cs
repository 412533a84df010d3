using Npgsql;
using Xunit;

namespace L2R.TestSupport;

/// <summary>Looks in the catalogue whether every table of a service keeps tenants apart.</summary>
public static class TenantTables
{
    const string Isolation = "(tenant_id = ( SELECT l2r_tenant() AS l2r_tenant))";

    /// <summary>Those of no tenant: infrastructure that requests never reach.</summary>
    static readonly string[] Shared = ["inbox", "outbox", "outbox_dead", "schema_migrations"];

    const string Sql = """
        SELECT c.relname,
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped),
            c.relrowsecurity,
            (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisprimary),
            ARRAY(SELECT p.polpermissive || ' ' || p.polcmd::text || ' ' || p.polroles::text || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '')
                || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') FROM pg_policy p WHERE p.polrelid = c.oid)
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        ORDER BY c.relname
        """;

    /// <summary>Fails with every table that does not: no row-level security, another policy, another first column of the key, no tenant.</summary>
    /// <param name="admin">Of the migrated database, as superuser.</param>
    public static async Task AreIsolatedAsync(NpgsqlDataSource admin)
    {
        var problems = new List<string>();
        var shared = new List<string>();
        await using var command = admin.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var table = reader.GetString(0);
            if (!reader.GetBoolean(1))
            {
                shared.Add(table);
                continue;
            }
            if (!reader.GetBoolean(2))
            {
                problems.Add($"{table}: row-level security is off");
            }
            if (reader.GetValue(3) as string is var first && first != "tenant_id")
            {
                problems.Add($"{table}: the primary key begins with {first ?? "nothing"}");
            }
            // For all commands ('*') of all roles ({0}); a second permissive policy would let more rows through.
            if (reader.GetFieldValue<string[]>(4) is var policies && !policies.SequenceEqual([$"true * {{0}} {Isolation} {Isolation}"]))
            {
                problems.Add($"{table}: its policies are [{string.Join("; ", policies)}]");
            }
        }
        Assert.Equal([], problems);
        Assert.Equal(Shared, shared);
    }
}
