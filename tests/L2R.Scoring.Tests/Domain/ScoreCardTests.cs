using L2R.Scoring.Domain;

namespace L2R.Scoring.Tests.Domain;

public sealed class ScoreCardTests
{
    static readonly Dictionary<string, int> NoTouch = [];

    static PolicyRules Rules(params FitRule[] rules) => new(Threshold: 10, rules, []);

    static PolicyRules Rules(params EngagementRule[] rules) => new(Threshold: 10, [], rules);

    [Fact]
    public void Names_what_each_rule_gave_and_why_in_the_order_of_the_policy()
    {
        var rules = new PolicyRules(
            10,
            [
                new("big", 20, new FitCondition.Employees(Min: 100, Max: null)),
                new("student", -5, new FitCondition.OneOf(LeadField.JobLevel, ["student", "intern"])),
                new("dutch", 3, new FitCondition.OneOf(LeadField.RegionCode, ["NL"])),
            ],
            [new("visits", 2, ["page-view", "blog-view"], MaxTouchCount: 4), new("demo", 50, ["demo-request"], 1)]);
        var lead = new LeadAttributes { EmployeeCount = 240, JobLevel = "student", RegionCode = "BE" };

        var card = ScoreCard.Of(rules, lead, new Dictionary<string, int> { ["blog-view"] = 1, ["page-view"] = 2, ["email-open"] = 9 });

        Assert.Equal(
            [
                new("big", 20, "employee_count is 240"),
                new("student", -5, "job_level is student"),
                new("visits", 6, "2 × page-view, 1 × blog-view"),
            ],
            card.Contributions);
        Assert.Equal(21, card.Points);
    }

    [Theory]
    [InlineData(1, 5, "1 × page-view")]
    [InlineData(3, 15, "3 × page-view")]
    [InlineData(4, 15, "4 × page-view; at most 3 count")]
    [InlineData(int.MaxValue, 15, "2147483647 × page-view; at most 3 count")]
    public void Counts_touches_up_to_the_cap(int touches, int points, string matched)
    {
        var card = ScoreCard.Of(Rules(new EngagementRule("visits", 5, ["page-view"], MaxTouchCount: 3)), new(), new Dictionary<string, int> { ["page-view"] = touches });

        Assert.Equal([new("visits", points, matched)], card.Contributions);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void Counts_employees_from_min_to_max_inclusive(int employees, bool matches) =>
        Assert.Equal(
            matches ? 7 : 0,
            ScoreCard.Of(Rules(new FitRule("middle", 7, new FitCondition.Employees(100, 200))), new() { EmployeeCount = employees }, NoTouch).Points);

    [Theory]
    [InlineData(LeadField.Channel)]
    [InlineData(LeadField.Source)]
    [InlineData(LeadField.Campaign)]
    [InlineData(LeadField.Segment)]
    [InlineData(LeadField.RegionCode)]
    [InlineData(LeadField.Industry)]
    [InlineData(LeadField.JobLevel)]
    [InlineData(LeadField.Product)]
    public void Reads_the_field_that_the_rule_names_and_no_other(LeadField field)
    {
        var lead = new LeadAttributes
        {
            Channel = "Channel",
            Source = "Source",
            Campaign = "Campaign",
            Segment = "Segment",
            RegionCode = "RegionCode",
            Industry = "Industry",
            JobLevel = "JobLevel",
            Product = "Product",
        };
        var others = Enum.GetValues<LeadField>().Where(other => other != field).Select(other => other.ToString());

        var right = ScoreCard.Of(Rules(new FitRule("right", 1, new FitCondition.OneOf(field, [field.ToString()]))), lead, NoTouch);
        var wrong = ScoreCard.Of(Rules(new FitRule("wrong", 1, new FitCondition.OneOf(field, [.. others]))), lead, NoTouch);

        Assert.Equal((1, 0), (right.Points, wrong.Points));
    }

    [Fact]
    public void What_is_unknown_matches_nothing()
    {
        var rules = Rules([
            .. Enum.GetValues<LeadField>().Select(field => new FitRule($"{field}", 1, new FitCondition.OneOf(field, ["", "x"]))),
            new FitRule("any", 1, new FitCondition.Employees(1, null)),
        ]);

        Assert.Empty(ScoreCard.Of(rules, new(), NoTouch).Contributions);
    }

    [Fact]
    public void More_of_a_good_signal_never_lowers_a_score_and_no_score_passes_the_most_that_the_rules_give()
    {
        var random = new Random(20260302);
        for (var round = 0; round < 1000; round++)
        {
            string[] kinds = ["a", "b", "c"];
            var rules = Rules([.. Enumerable.Range(0, random.Next(1, 6)).Select(i =>
                new EngagementRule($"r{i}", random.Next(1, 1001), [.. kinds.Where(_ => random.Next(2) == 0)], random.Next(1, 20)))]);
            var touches = kinds.ToDictionary(kind => kind, _ => random.Next(0, 30));
            var before = ScoreCard.Of(rules, new(), touches).Points;
            touches[kinds[random.Next(3)]]++;
            var after = ScoreCard.Of(rules, new(), touches).Points;

            Assert.InRange(after, before, rules.MostPoints);
        }
    }
}
