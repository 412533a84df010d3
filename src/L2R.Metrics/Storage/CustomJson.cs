using System.Text.Json;
using L2R.Metrics.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>A tenant's own dimensions as a column of JSON, null where there are none, and the names that occur in it.</summary>
static class CustomJson
{
    const string NamesSql = """
        INSERT INTO custom_dimension_names (tenant_id, name)
        SELECT @tenant, name FROM unnest(@names) AS name
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Values of many rows, as the array <c>customs</c>.</summary>
    public static NpgsqlParameter Parameter(IReadOnlyList<IReadOnlyDictionary<string, string>> rows) => new("customs", NpgsqlDbType.Array | NpgsqlDbType.Jsonb)
    {
        Value = rows.Select(custom => custom.Count == 0 ? null : JsonSerializer.Serialize(custom)).ToArray(),
    };

    public static IReadOnlyDictionary<string, string> Read(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? Dimensions.NoCustom : JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(column))!;

    /// <summary>Keeps the names that rows have: for most tenants there is nothing to do.</summary>
    public static void AddNames(this NpgsqlBatch batch, string tenant, IEnumerable<IReadOnlyDictionary<string, string>> rows)
    {
        // In order: two appends of the same new names then wait for each other instead of deadlocking.
        string[] names = [.. rows.SelectMany(custom => custom.Keys).Distinct().Order(StringComparer.Ordinal)];
        if (names.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(NamesSql)
            {
                Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<string[]>("names", names) },
            });
        }
    }
}
