using L2R.Scoring.Domain;

namespace L2R.Scoring.Tests.Domain;

public sealed class DefaultPolicyTests
{
    static readonly LeadAttributes Best = new() { Segment = "enterprise", JobLevel = "c-level", EmployeeCount = 250, Channel = "partner" };

    static int PointsOf(LeadAttributes lead, params (string Kind, int Count)[] touches) =>
        ScoreCard.Of(DefaultPolicy.Rules, lead, touches.ToDictionary(touch => touch.Kind, touch => touch.Count)).Points;

    [Fact]
    public void A_demo_request_is_enough_by_itself() => Assert.Equal(50, PointsOf(new(), ("demo-request", 1)));

    [Fact]
    public void The_best_fit_is_not_enough_by_itself() => Assert.Equal(45, PointsOf(Best));

    [Fact]
    public void The_best_fit_and_some_engagement_is_enough() => Assert.Equal(51, PointsOf(Best, ("page-view", 3)));

    [Fact]
    public void Page_views_and_opened_mails_alone_are_never_enough() => Assert.Equal(25, PointsOf(new(), ("page-view", 1000), ("email-open", 1000)));

    [Theory]
    [InlineData(49, 0)]
    [InlineData(50, 5)]
    [InlineData(249, 5)]
    [InlineData(250, 10)]
    public void Every_number_of_employees_counts_once(int employees, int points) => Assert.Equal(points, PointsOf(new() { EmployeeCount = employees }));
}
