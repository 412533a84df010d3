using Google.Protobuf.WellKnownTypes;
using L2R.Scoring.Domain;
using L2R.ServiceDefaults;

namespace L2R.Scoring.Api;

/// <summary>Policies between wire and domain.</summary>
static class PolicyMapping
{
    public static V1.ScoringPolicy ToProto(ScoringPolicy policy)
    {
        var proto = ToProto(policy.Header, policy.Rules);
        proto.Name = PolicyNames.Of(policy.Version);
        proto.State = (Policy.V1.PolicyState)((int)policy.State + 1);
        proto.CreateTime = policy.CreateTime.ToTimestamp();
        proto.ActivateTime = policy.ActivateTime?.ToTimestamp();
        proto.RetireTime = policy.RetireTime?.ToTimestamp();
        proto.Etag = Etag.Write(policy.Revision);
        return proto;
    }

    /// <summary>Only what a caller writes.</summary>
    public static V1.ScoringPolicy ToProto(PolicyHeader header, PolicyRules rules) => new()
    {
        Header = new Policy.V1.PolicyHeader
        {
            DisplayName = header.DisplayName,
            Owner = header.Owner,
            Reason = header.Reason,
            Scope = header.Scope,
            OutOfScope = header.OutOfScope,
            TradeOff = header.TradeOff,
            IncompleteData = header.IncompleteData,
            ReviewCadence = header.ReviewCadence,
            ReevaluationTriggers = header.ReevaluationTriggers,
        },
        Threshold = rules.Threshold,
        FitRules = { rules.FitRules.Select(ToProto) },
        EngagementRules = { rules.EngagementRules.Select(ToProto) },
    };

    public static PolicyHeader ToHeader(V1.ScoringPolicy policy)
    {
        var header = policy.Header ?? new();
        return new()
        {
            DisplayName = header.DisplayName,
            Owner = header.Owner,
            Reason = header.Reason,
            Scope = header.Scope,
            OutOfScope = header.OutOfScope,
            TradeOff = header.TradeOff,
            IncompleteData = header.IncompleteData,
            ReviewCadence = header.ReviewCadence,
            ReevaluationTriggers = header.ReevaluationTriggers,
        };
    }

    /// <param name="policy">Its rules are in order: see <see cref="PolicyCheck"/>.</param>
    public static PolicyRules ToRules(V1.ScoringPolicy policy) => new(
        policy.Threshold,
        [.. policy.FitRules.Select(rule => new FitRule(rule.Rule, rule.Points, ToCondition(rule)))],
        [.. policy.EngagementRules.Select(rule => new EngagementRule(rule.Rule, rule.Points, [.. rule.Kinds], rule.MaxTouchCount))]);

    static FitCondition ToCondition(V1.FitRule rule) => rule.ConditionCase switch
    {
        V1.FitRule.ConditionOneofCase.Attribute =>
            new FitCondition.OneOf((LeadField)((int)rule.Attribute.Attribute - 1), [.. rule.Attribute.Values]),
        V1.FitRule.ConditionOneofCase.EmployeeCount =>
            new FitCondition.Employees(rule.EmployeeCount.Min, rule.EmployeeCount.Max == 0 ? null : rule.EmployeeCount.Max),
        _ => throw new InvalidOperationException($"Rule {rule.Rule} has no condition."),
    };

    static V1.FitRule ToProto(FitRule rule)
    {
        var proto = new V1.FitRule { Rule = rule.Name, Points = rule.Points };
        switch (rule.Condition)
        {
            case FitCondition.OneOf(var field, var values):
                proto.Attribute = new V1.AttributeCondition { Attribute = (V1.FitAttribute)((int)field + 1), Values = { values } };
                break;
            case FitCondition.Employees(var min, var max):
                proto.EmployeeCount = new V1.EmployeeCountCondition { Min = min, Max = max ?? 0 };
                break;
        }
        return proto;
    }

    static V1.EngagementRule ToProto(EngagementRule rule) => new()
    {
        Rule = rule.Name,
        Points = rule.Points,
        Kinds = { rule.Kinds },
        MaxTouchCount = rule.MaxTouchCount,
    };
}
