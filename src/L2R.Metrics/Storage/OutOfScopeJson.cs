using System.Text.Json;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Storage;

/// <summary>The rules of what is out of scope as they lie in the database.</summary>
static class OutOfScopeJson
{
    public static string Write(ScopeRules rules) => JsonSerializer.Serialize(rules.All.Select(rule => new Rule(
        rule.Name,
        [.. rule.Dimensions.Select(filter => new Values(filter.Dimension.Name, [.. filter.Values]))],
        [.. rule.ExitReasons])));

    /// <param name="custom">The tenant's own dimensions: their kind is kept with them.</param>
    public static ScopeRules Read(string json, CustomDimensions custom) =>
        JsonSerializer.Deserialize<Rule[]>(json) is { Length: > 0 } rules
            ? new([.. rules.Select(rule => new OutOfScopeRule(
                rule.Name,
                [.. rule.Dimensions.Select(values => new DimensionFilter(custom.Of(values.Dimension), values.Any))],
                rule.ExitReasons))])
            : ScopeRules.None;

    /// <param name="Any">Null among them: unknown.</param>
    sealed record Values(string Dimension, string?[] Any);

    sealed record Rule(string Name, Values[] Dimensions, string[] ExitReasons);
}
