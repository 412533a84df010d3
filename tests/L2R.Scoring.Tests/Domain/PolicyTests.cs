using L2R.Scoring.Domain;

namespace L2R.Scoring.Tests.Domain;

public sealed class PolicyTests
{
    static readonly DateTimeOffset Noon = SomeLead.Noon;

    static ScoringPolicy Policy(int version, PolicyState state) => new()
    {
        Id = Guid.Empty,
        Version = version,
        State = state,
        Header = DefaultPolicy.Header,
        Rules = DefaultPolicy.Rules,
        CreateTime = Noon,
        ActivateTime = state == PolicyState.Draft ? null : Noon,
        Revision = 1,
    };

    [Fact]
    public void A_draft_takes_over_from_the_active_version()
    {
        var (draft, active) = (Policy(2, PolicyState.Draft), Policy(1, PolicyState.Active));

        Assert.Equal(
            new ActivationDecision.Accepted(
                draft with { State = PolicyState.Active, ActivateTime = Noon.AddHours(1), Revision = 2 },
                active with { State = PolicyState.Retired, RetireTime = Noon.AddHours(1), Revision = 2 }),
            ActivationDecision.Decide(draft, active, Noon.AddHours(1)));
    }

    [Theory]
    [InlineData(PolicyState.Active)]
    [InlineData(PolicyState.Retired)]
    public void What_decided_once_is_not_activated_again(PolicyState state) =>
        Assert.Equal(new ActivationDecision.NotDraft(state), ActivationDecision.Decide(Policy(1, state), Policy(2, PolicyState.Active), Noon));

    [Fact]
    public void The_most_that_rules_give_leaves_out_what_they_take() =>
        Assert.Equal(5 + (7 * 3), new PolicyRules(
            1,
            [new("a", 5, new FitCondition.Employees(1, null)), new("b", -9, new FitCondition.Employees(1, null))],
            [new("c", 7, ["x"], 3), new("d", -2, ["x"], 3)]).MostPoints);
}
