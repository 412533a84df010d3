using L2R.Policy.V1;
using L2R.Scoring.V1;

namespace L2R.Scoring.Tests;

/// <summary>A policy in order, for tests to vary.</summary>
static class Policies
{
    public static ScoringPolicy Draft(string name = "Webinar scoring") => new()
    {
        Header = new PolicyHeader
        {
            DisplayName = name,
            Owner = "marketing operations",
            Reason = "Webinars bring customers.",
            Scope = "Every lead.",
            OutOfScope = "Own staff.",
            TradeOff = "Precision before speed.",
            IncompleteData = "Gives nothing.",
            ReviewCadence = "every month",
            ReevaluationTriggers = "A new product.",
        },
        Threshold = 30,
        FitRules =
        {
            new FitRule { Rule = "benelux", Points = 10, Attribute = new AttributeCondition { Attribute = FitAttribute.RegionCode, Values = { "NL", "BE", "LU" } } },
            new FitRule { Rule = "middle", Points = 5, EmployeeCount = new EmployeeCountCondition { Min = 50, Max = 500 } },
            new FitRule { Rule = "large", Points = -5, EmployeeCount = new EmployeeCountCondition { Min = 501 } },
        },
        EngagementRules = { new EngagementRule { Rule = "webinar", Points = 10, Kinds = { "webinar-visit", "webinar-replay" }, MaxTouchCount = 2 } },
    };
}
