using System.Globalization;

namespace L2R.Scoring.Domain;

/// <summary>What is known of a lead. Empty and 0 mean unknown.</summary>
public sealed record LeadAttributes
{
    public string Channel { get; init; } = "";
    public string Source { get; init; } = "";
    public string Campaign { get; init; } = "";
    public string Segment { get; init; } = "";
    public string RegionCode { get; init; } = "";
    public string Industry { get; init; } = "";
    public int EmployeeCount { get; init; }
    public string JobLevel { get; init; } = "";
    public string Product { get; init; } = "";
}

/// <summary>What one rule gave.</summary>
/// <param name="Points">In all: for an engagement rule those of every touch that counts.</param>
/// <param name="Matched">What matched, for a reader.</param>
public sealed record Contribution(string Rule, int Points, string Matched);

/// <summary>A score with its reasons.</summary>
/// <param name="Contributions">In the order of the policy: fit, then engagement.</param>
public sealed record ScoreCard(IReadOnlyList<Contribution> Contributions)
{
    public int Points => Contributions.Sum(contribution => contribution.Points);

    /// <summary>Applies every rule. The order of the touches does not matter.</summary>
    /// <param name="touches">How many touches of engagement of each kind the journey has, 0 or more.</param>
    public static ScoreCard Of(PolicyRules rules, LeadAttributes lead, IReadOnlyDictionary<string, int> touches) =>
        new([
            .. rules.FitRules.Select(rule => Apply(rule, lead)).OfType<Contribution>(),
            .. rules.EngagementRules.Select(rule => Apply(rule, touches)).OfType<Contribution>(),
        ]);

    static Contribution? Apply(FitRule rule, LeadAttributes lead) => rule.Condition switch
    {
        FitCondition.OneOf(var field, var values) when ValueOf(lead, field) is { Length: > 0 } value && values.Contains(value) =>
            new(rule.Name, rule.Points, $"{Label(field)} is {value}"),
        FitCondition.Employees(var min, var max) when lead.EmployeeCount >= min && lead.EmployeeCount <= (max ?? int.MaxValue) =>
            new(rule.Name, rule.Points, string.Create(CultureInfo.InvariantCulture, $"employee_count is {lead.EmployeeCount}")),
        _ => null,
    };

    static Contribution? Apply(EngagementRule rule, IReadOnlyDictionary<string, int> touches)
    {
        var matching = rule.Kinds.Select(kind => (Kind: kind, Count: touches.GetValueOrDefault(kind))).Where(touch => touch.Count > 0).ToList();
        if (matching.Count == 0)
        {
            return null;
        }
        var count = matching.Sum(touch => (long)touch.Count);
        var counted = (int)Math.Min(count, rule.MaxTouchCount);
        var matched = string.Join(", ", matching.Select(touch => string.Create(CultureInfo.InvariantCulture, $"{touch.Count} × {touch.Kind}")));
        return new(rule.Name, rule.Points * counted, counted < count
            ? string.Create(CultureInfo.InvariantCulture, $"{matched}; at most {counted} count")
            : matched);
    }

    static string ValueOf(LeadAttributes lead, LeadField field) => field switch
    {
        LeadField.Channel => lead.Channel,
        LeadField.Source => lead.Source,
        LeadField.Campaign => lead.Campaign,
        LeadField.Segment => lead.Segment,
        LeadField.RegionCode => lead.RegionCode,
        LeadField.Industry => lead.Industry,
        LeadField.JobLevel => lead.JobLevel,
        LeadField.Product => lead.Product,
        _ => "",
    };

    static string Label(LeadField field) => field switch
    {
        LeadField.RegionCode => "region_code",
        LeadField.JobLevel => "job_level",
        _ => field.ToString().ToLowerInvariant(),
    };
}
