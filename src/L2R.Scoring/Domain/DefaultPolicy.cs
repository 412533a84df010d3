namespace L2R.Scoring.Domain;

/// <summary>The policy that ships: version 1 of every tenant, until it activates another.</summary>
/// <remarks>
/// Stored for a tenant when it is first needed, so that a later release may ship another without changing what decided before.
/// Fit alone gives at most 45 of the 50 points: somebody must act. A request for a demo is enough by itself.
/// </remarks>
public static class DefaultPolicy
{
    public static PolicyHeader Header { get; } = new()
    {
        DisplayName = "Default scoring",
        Owner = "revops",
        Reason = "Ships with the product; replace it once you know which leads become customers.",
        Scope = "Every lead that came in live.",
        OutOfScope = "Imported history; leads that sales pulled or that were disqualified.",
        TradeOff = "Speed before precision: a clear request reaches sales at once, whoever makes it.",
        IncompleteData = "An unknown attribute matches no rule: it gives no points and takes none.",
        ReviewCadence = "every quarter",
        ReevaluationTriggers = "Sales rejects more than a third of the MQLs of a month.",
    };

    public static PolicyRules Rules { get; } = new(
        Threshold: 50,
        FitRules:
        [
            new("segment-enterprise", 15, new FitCondition.OneOf(LeadField.Segment, ["enterprise"])),
            new("segment-mid-market", 10, new FitCondition.OneOf(LeadField.Segment, ["mid-market"])),
            new("job-level-executive", 15, new FitCondition.OneOf(LeadField.JobLevel, ["c-level", "vp"])),
            new("job-level-lead", 10, new FitCondition.OneOf(LeadField.JobLevel, ["director", "manager"])),
            new("employees-many", 10, new FitCondition.Employees(Min: 250, Max: null)),
            new("employees-some", 5, new FitCondition.Employees(Min: 50, Max: 249)),
            new("channel-recommended", 5, new FitCondition.OneOf(LeadField.Channel, ["partner", "referral"])),
        ],
        EngagementRules:
        [
            new("sales-request", 50, ["contact-request", "demo-request", "trial-request"], MaxTouchCount: 1),
            new("pricing-view", 10, ["pricing-view"], MaxTouchCount: 2),
            new("event-visit", 15, ["event-visit", "webinar-visit"], MaxTouchCount: 2),
            new("content-download", 10, ["content-download", "form-submit"], MaxTouchCount: 2),
            new("email-reply", 10, ["email-reply"], MaxTouchCount: 2),
            new("email-click", 5, ["email-click"], MaxTouchCount: 3),
            new("page-view", 2, ["page-view"], MaxTouchCount: 10),
            new("email-open", 1, ["email-open"], MaxTouchCount: 5),
        ]);
}
