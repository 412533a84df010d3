using Google.Protobuf.Collections;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using OutOfScopeRule = L2R.Metrics.Domain.OutOfScopeRule;

namespace L2R.Metrics.Api;

/// <summary>The rules of what is out of scope, from the wire and to it; adds every rule that they break themselves.</summary>
static class OutOfScopeRules
{
    const string Field = "settings.out_of_scope_rules";
    const int MaxRules = 20;
    const int MaxDimensions = 5;
    const int MaxReasons = 50;
    const int MaxValues = 100;

    /// <param name="settings">What may be named.</param>
    public static ScopeRules Read(RepeatedField<V1.OutOfScopeRule> wanted, ReportingSettings settings, List<FieldProblem> problems)
    {
        WaterfallRequests.AtMost(Field, wanted.Count, MaxRules, problems);
        foreach (var (index, rule) in wanted.Index().Where(rule => wanted.Take(rule.Index).Any(earlier => earlier.Name == rule.Item.Name)))
        {
            problems.Add(new($"{Field}[{index}].name", $"must not repeat an earlier one, and is '{rule.Name.Echo()}' again"));
        }
        return new([.. wanted.Index().Select(rule => Read(rule.Item, $"{Field}[{rule.Index}]", settings, problems))]);
    }

    public static IEnumerable<V1.OutOfScopeRule> ToProto(ScopeRules rules) => rules.All.Select(rule => new V1.OutOfScopeRule
    {
        Name = rule.Name,
        Dimensions =
        {
            rule.Dimensions.Select(filter => new OutOfScopeDimension
            {
                Dimension = filter.Dimension.Name,
                Values = { filter.Values.OfType<string>() },
                IncludeUnknown = filter.Values.Contains(null),
            }),
        },
        ExitReasons = { rule.ExitReasons },
    });

    static OutOfScopeRule Read(V1.OutOfScopeRule rule, string field, ReportingSettings settings, List<FieldProblem> problems)
    {
        if (rule.Name.Length == 0)
        {
            problems.Add(new($"{field}.name", FieldProblem.Required));
        }
        problems.KebabCase($"{field}.name", rule.Name);
        if (rule.Dimensions.Count == 0 && rule.ExitReasons.Count == 0)
        {
            problems.Add(new($"{field}.dimensions", "is required, unless there are exit_reasons: else every journey were out of scope"));
        }
        WaterfallRequests.AtMost($"{field}.dimensions", rule.Dimensions.Count, MaxDimensions, problems);
        Texts(rule.ExitReasons, $"{field}.exit_reasons", MaxReasons, problems);
        return new(
            rule.Name,
            [.. rule.Dimensions.Index().Select(dimension => Read(dimension.Item, $"{field}.dimensions[{dimension.Index}]", settings, problems)).OfType<Domain.DimensionFilter>()],
            [.. rule.ExitReasons]);
    }

    static Domain.DimensionFilter? Read(OutOfScopeDimension wanted, string field, ReportingSettings settings, List<FieldProblem> problems)
    {
        Texts(wanted.Values, $"{field}.values", MaxValues, problems);
        if (wanted.Values.Count == 0 && !wanted.IncludeUnknown)
        {
            problems.Add(new($"{field}.values", "is required, unless include_unknown is set"));
        }
        return WaterfallRequests.Named(wanted.Dimension, $"{field}.dimension", settings, problems) is { } dimension
            ? new(dimension, [.. wanted.Values, .. wanted.IncludeUnknown ? new string?[] { null } : []])
            : null;
    }

    static void Texts(RepeatedField<string> texts, string field, int most, List<FieldProblem> problems)
    {
        WaterfallRequests.AtMost(field, texts.Count, most, problems);
        foreach (var (index, text) in texts.Index().Where(text => text.Item.Length is 0 or > 200 || text.Item.Any(char.IsControl)))
        {
            problems.Add(new($"{field}[{index}]", "must have 1 to 200 characters, no control character among them"));
        }
    }
}
