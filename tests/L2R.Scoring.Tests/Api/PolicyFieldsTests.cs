using Grpc.Core;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

/// <summary>What a policy may not say.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class PolicyFieldsTests(ScoringFixture scoring)
{
    async Task<IReadOnlyList<FieldProblem>> RefusedAsync(CreateScoringPolicyRequest request)
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.CreateScoringPolicyAsync(request, ServiceProcess.As("acme", "admin")));
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        return error.Violations;
    }

    Task<IReadOnlyList<FieldProblem>> RefusedAsync(Action<ScoringPolicy> change)
    {
        var policy = Policies.Draft();
        change(policy);
        return RefusedAsync(new CreateScoringPolicyRequest { ScoringPolicy = policy });
    }

    [Fact]
    public async Task Names_everything_that_is_missing_at_once() =>
        Assert.Equal(
            [
                new("scoring_policy.header.display_name", "is required"),
                new("scoring_policy.header.owner", "is required"),
                new("scoring_policy.header.reason", "is required"),
                new("scoring_policy.threshold", "is required"),
                new("request_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"),
                new("scoring_policy", "must have at least one rule"),
            ],
            await RefusedAsync(new CreateScoringPolicyRequest { ScoringPolicy = new() { Header = new() }, RequestId = "1" }));

    [Fact]
    public async Task Names_what_is_missing_of_each_rule() =>
        Assert.Equal(
            [
                new("scoring_policy.fit_rules[0].rule", "is required"),
                new("scoring_policy.fit_rules[0].points", "is required"),
                new("scoring_policy.fit_rules[0]", "must have a condition: attribute or employee_count"),
                new("scoring_policy.fit_rules[1].attribute.attribute", "is required"),
                new("scoring_policy.fit_rules[1].attribute.values", "is required"),
                new("scoring_policy.fit_rules[2].employee_count.min", "is required"),
                new("scoring_policy.engagement_rules[0].rule", "is required"),
                new("scoring_policy.engagement_rules[0].points", "is required"),
                new("scoring_policy.engagement_rules[0].kinds", "is required"),
                new("scoring_policy.engagement_rules[0].max_touch_count", "is required"),
            ],
            await RefusedAsync(policy =>
            {
                policy.FitRules.Clear();
                policy.FitRules.Add([
                    new FitRule(),
                    new FitRule { Rule = "a", Points = 1, Attribute = new() },
                    new FitRule { Rule = "b", Points = 1, EmployeeCount = new() },
                ]);
                policy.EngagementRules.Clear();
                policy.EngagementRules.Add(new EngagementRule());
            }));

    [Fact]
    public async Task Names_every_field_that_is_too_long_or_out_of_range() =>
        Assert.Equal(
            [
                new("scoring_policy.header.display_name", "must be at most 200 characters, and has 201"),
                new("scoring_policy.header.owner", "must be at most 200 characters, and has 201"),
                new("scoring_policy.header.reason", "must be at most 500 characters, and has 501"),
                new("scoring_policy.header.scope", "must be at most 500 characters, and has 501"),
                new("scoring_policy.header.out_of_scope", "must be at most 500 characters, and has 501"),
                new("scoring_policy.header.trade_off", "must be at most 500 characters, and has 501"),
                new("scoring_policy.header.incomplete_data", "must be at most 500 characters, and has 501"),
                new("scoring_policy.header.review_cadence", "must be at most 200 characters, and has 201"),
                new("scoring_policy.header.reevaluation_triggers", "must be at most 500 characters, and has 501"),
                new("scoring_policy.fit_rules[0].rule", "must be in kebab case such as web-form, at most 63 characters"),
                new("scoring_policy.fit_rules[0].points", "must be -1000 to 1000"),
                new("scoring_policy.fit_rules[0].attribute.values[1]", "must be a CLDR region code such as NL"),
                new("scoring_policy.fit_rules[0].attribute.values[2]", "must not be empty: an unknown attribute matches no rule"),
                new("scoring_policy.fit_rules[1].employee_count.max", "must not be below min; 0 means no limit"),
                new("scoring_policy.fit_rules[2].employee_count.min", "must be 1 or more"),
                new("scoring_policy.engagement_rules[0].points", "must be -1000 to 1000"),
                new("scoring_policy.engagement_rules[0].kinds[1]", "must be in kebab case such as web-form, at most 63 characters"),
                new("scoring_policy.engagement_rules[0].kinds[2]", "must not be empty"),
                new("scoring_policy.engagement_rules[0].kinds", "must name each kind once"),
                new("scoring_policy.engagement_rules[0].max_touch_count", "must be 1 to 1000"),
                new("scoring_policy.threshold", "must be 1 or more"),
            ],
            await RefusedAsync(policy =>
            {
                var (title, text) = (new string('x', 201), new string('x', 501));
                policy.Header = new()
                {
                    DisplayName = title,
                    Owner = title,
                    Reason = text,
                    Scope = text,
                    OutOfScope = text,
                    TradeOff = text,
                    IncompleteData = text,
                    ReviewCadence = title,
                    ReevaluationTriggers = text,
                };
                policy.Threshold = -1;
                policy.FitRules[0].Rule = "Not kebab";
                policy.FitRules[0].Points = -1001;
                policy.FitRules[0].Attribute.Values[1] = "belgium";
                policy.FitRules[0].Attribute.Values[2] = "";
                policy.FitRules[1].EmployeeCount = new() { Min = 50, Max = 49 };
                policy.FitRules[2].EmployeeCount = new() { Min = -1 };
                policy.EngagementRules[0].Points = 1001;
                policy.EngagementRules[0].Kinds.Clear();
                policy.EngagementRules[0].Kinds.Add(["page-view", "Page View", "", "page-view"]);
                policy.EngagementRules[0].MaxTouchCount = 1001;
            }));

    [Fact]
    public async Task A_threshold_that_the_rules_never_reach() =>
        Assert.Equal(
            [new("scoring_policy.threshold", "must not be more than the rules can give, which is 35")],
            await RefusedAsync(policy => policy.Threshold = 36));

    [Fact]
    public async Task Two_rules_of_one_name() =>
        Assert.Equal(
            [new("scoring_policy", "must name each rule once, and names 'webinar' more often")],
            await RefusedAsync(policy => policy.FitRules[0].Rule = "webinar"));

    [Fact]
    public async Task More_rules_and_values_than_are_kept()
    {
        var violations = await RefusedAsync(policy =>
        {
            policy.FitRules[0].Attribute.Values.Clear();
            policy.FitRules[0].Attribute.Values.Add(Enumerable.Repeat("NL", 101));
            policy.FitRules.Add(Enumerable.Range(0, 98).Select(i => new FitRule { Rule = $"r{i}", Points = 1, EmployeeCount = new() { Min = 1 } }));
            policy.EngagementRules.Add(Enumerable.Range(0, 100).Select(i => new EngagementRule { Rule = $"e{i}", Points = 1, Kinds = { "x" }, MaxTouchCount = 1 }));
            policy.EngagementRules[0].Kinds.Add(Enumerable.Range(0, 99).Select(i => $"k{i}"));
        });

        Assert.Equal(
            [
                new("scoring_policy.fit_rules", "must be at most 100 rules, and are 101"),
                new("scoring_policy.engagement_rules", "must be at most 100 rules, and are 101"),
                new("scoring_policy.fit_rules[0].attribute.values", "must be at most 100, and are 101"),
                new("scoring_policy.engagement_rules[0].kinds", "must be at most 100, and are 101"),
            ],
            violations);
    }

    [Fact]
    public async Task An_attribute_that_this_version_does_not_know() =>
        Assert.Equal(
            [new("scoring_policy.fit_rules[0].attribute.attribute", "is not an attribute that this version knows")],
            await RefusedAsync(policy => policy.FitRules[0].Attribute.Attribute = (FitAttribute)99));
}
