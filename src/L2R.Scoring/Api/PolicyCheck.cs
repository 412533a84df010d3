using Google.Protobuf;
using L2R.ServiceDefaults;

namespace L2R.Scoring.Api;

/// <summary>The rules on the fields of a policy that a caller sends. Each adds a problem where the policy breaks it.</summary>
static class PolicyCheck
{
    const string Field = "scoring_policy";
    const int MaxRules = 100;
    const int MaxValues = 100;
    const int MaxPoints = 1000;
    const int MaxTouches = 1000;

    /// <param name="problems">Holds already what is missing of the policy's own fields.</param>
    public static void Check(this List<FieldProblem> problems, V1.ScoringPolicy policy)
    {
        problems.CheckHeader(policy.Header ?? new());
        problems.AtMostRules("fit_rules", policy.FitRules.Count);
        problems.AtMostRules("engagement_rules", policy.EngagementRules.Count);
        for (var i = 0; i < policy.FitRules.Count; i++)
        {
            problems.CheckFit($"{Field}.fit_rules[{i}]", policy.FitRules[i]);
        }
        for (var i = 0; i < policy.EngagementRules.Count; i++)
        {
            problems.CheckEngagement($"{Field}.engagement_rules[{i}]", policy.EngagementRules[i]);
        }
        foreach (var name in policy.FitRules.Select(rule => rule.Rule).Concat(policy.EngagementRules.Select(rule => rule.Rule))
            .Where(name => name.Length > 0).GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            problems.Add(new(Field, $"must name each rule once, and names '{name.Echo()}' more often"));
        }
        if (policy.FitRules.Count + policy.EngagementRules.Count == 0)
        {
            problems.Add(new(Field, "must have at least one rule"));
        }
        if (policy.Threshold < 0)
        {
            problems.Add(new($"{Field}.threshold", "must be 1 or more"));
        }
        if (problems.Count == 0 && PolicyMapping.ToRules(policy).MostPoints is var most && policy.Threshold > most)
        {
            problems.Add(new($"{Field}.threshold", $"must not be more than the rules can give, which is {most}"));
        }
    }

    static void CheckHeader(this List<FieldProblem> problems, Policy.V1.PolicyHeader header)
    {
        problems.AtMost($"{Field}.header.display_name", header.DisplayName, 200);
        problems.AtMost($"{Field}.header.owner", header.Owner, 200);
        problems.AtMost($"{Field}.header.reason", header.Reason, 500);
        problems.AtMost($"{Field}.header.scope", header.Scope, 500);
        problems.AtMost($"{Field}.header.out_of_scope", header.OutOfScope, 500);
        problems.AtMost($"{Field}.header.trade_off", header.TradeOff, 500);
        problems.AtMost($"{Field}.header.incomplete_data", header.IncompleteData, 500);
        problems.AtMost($"{Field}.header.review_cadence", header.ReviewCadence, 200);
        problems.AtMost($"{Field}.header.reevaluation_triggers", header.ReevaluationTriggers, 500);
    }

    static void CheckFit(this List<FieldProblem> problems, string path, V1.FitRule rule)
    {
        problems.AddMissing(path, rule);
        problems.KebabCase($"{path}.rule", rule.Rule);
        problems.Points($"{path}.points", rule.Points);
        switch (rule.ConditionCase)
        {
            case V1.FitRule.ConditionOneofCase.Attribute:
                problems.CheckAttribute($"{path}.attribute", rule.Attribute);
                break;
            case V1.FitRule.ConditionOneofCase.EmployeeCount:
                var (min, max) = (rule.EmployeeCount.Min, rule.EmployeeCount.Max);
                if (min < 0)
                {
                    problems.Add(new($"{path}.employee_count.min", "must be 1 or more"));
                }
                if (max != 0 && max < min)
                {
                    problems.Add(new($"{path}.employee_count.max", "must not be below min; 0 means no limit"));
                }
                break;
            default:
                problems.Add(new(path, "must have a condition: attribute or employee_count"));
                break;
        }
    }

    static void CheckAttribute(this List<FieldProblem> problems, string path, V1.AttributeCondition condition)
    {
        if (!Enum.IsDefined(condition.Attribute))
        {
            problems.Add(new($"{path}.attribute", "is not an attribute that this version knows"));
        }
        problems.AtMostValues($"{path}.values", condition.Values.Count);
        for (var i = 0; i < condition.Values.Count; i++)
        {
            problems.CheckValue($"{path}.values[{i}]", condition.Attribute, condition.Values[i]);
        }
    }

    /// <summary>A value that no lead can have would be a rule that never matches.</summary>
    static void CheckValue(this List<FieldProblem> problems, string path, V1.FitAttribute attribute, string value)
    {
        switch (attribute)
        {
            case var _ when value.Length == 0:
                problems.Add(new(path, "must not be empty: an unknown attribute matches no rule"));
                break;
            case V1.FitAttribute.RegionCode:
                problems.RegionCode(path, value);
                break;
            case V1.FitAttribute.Channel or V1.FitAttribute.Segment or V1.FitAttribute.Industry or V1.FitAttribute.JobLevel:
                problems.KebabCase(path, value);
                break;
            default:
                problems.AtMost(path, value, 200);
                break;
        }
    }

    static void CheckEngagement(this List<FieldProblem> problems, string path, V1.EngagementRule rule)
    {
        problems.AddMissing(path, rule);
        problems.KebabCase($"{path}.rule", rule.Rule);
        problems.Points($"{path}.points", rule.Points);
        problems.AtMostValues($"{path}.kinds", rule.Kinds.Count);
        for (var i = 0; i < rule.Kinds.Count; i++)
        {
            if (rule.Kinds[i].Length == 0)
            {
                problems.Add(new($"{path}.kinds[{i}]", "must not be empty"));
            }
            problems.KebabCase($"{path}.kinds[{i}]", rule.Kinds[i]);
        }
        if (rule.Kinds.Distinct().Count() < rule.Kinds.Count)
        {
            problems.Add(new($"{path}.kinds", "must name each kind once"));
        }
        if (rule.MaxTouchCount is < 0 or > MaxTouches)
        {
            problems.Add(new($"{path}.max_touch_count", $"must be 1 to {MaxTouches}"));
        }
    }

    static void AddMissing(this List<FieldProblem> problems, string path, IMessage rule) =>
        problems.AddRange(RequiredFields.FindMissing(rule).Select(missing => missing with { Field = $"{path}.{missing.Field}" }));

    static void Points(this List<FieldProblem> problems, string path, int points)
    {
        if (points is < -MaxPoints or > MaxPoints)
        {
            problems.Add(new(path, $"must be -{MaxPoints} to {MaxPoints}"));
        }
    }

    static void AtMostRules(this List<FieldProblem> problems, string field, int count)
    {
        if (count > MaxRules)
        {
            problems.Add(new($"{Field}.{field}", $"must be at most {MaxRules} rules, and are {count}"));
        }
    }

    static void AtMostValues(this List<FieldProblem> problems, string path, int count)
    {
        if (count > MaxValues)
        {
            problems.Add(new(path, $"must be at most {MaxValues}, and are {count}"));
        }
    }
}
