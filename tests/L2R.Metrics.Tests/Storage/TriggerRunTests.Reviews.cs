using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <remarks>What becomes of the reviews that were opened.</remarks>
public sealed partial class TriggerRunTests
{
    [Fact]
    public async Task A_date_opens_a_review_of_how_things_stand_beside_the_targets()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await new TargetStore(_database.App).CreateAsync(
            Tenant, null, [], new(Pair.All[0], null, new Goal.Conversion(0.5, TimeSpan.FromDays(10)), March.AddDays(-90), null), March, Cancelled);
        await CreateAsync(new Condition.Calendar(new DateOnly(2026, 3, 1), PeriodKind.Month));
        _clock.Set(new(2026, 4, 1, 8, 0, 0, TimeSpan.Zero)); // the service was away for a month

        await Run().RunAsync(Cancelled);
        await Run().RunAsync(Cancelled);

        Assert.Equal("2026-04-01 1", await VerdictsAsync());
        Assert.Equal(
            [
                "The date has come: 2026-04-01.",
                "MQL to SAL within 30 d, 2026-02: no figure, there were no journeys.",
                "SAL to SQL within 30 d, 2026-02: no figure, there were no journeys.",
                "SQL to OPPORTUNITY within 30 d, 2026-02: no figure, there were no journeys.",
                "OPPORTUNITY to CLOSED_WON within 30 d, 2026-02: no figure, there were no journeys.",
                "LEAD to CLOSED_WON within 30 d, 2026-02: no figure, there were no journeys.",
                "LEAD to MQL within 10 d, 2026-02: no figure, there were no journeys. Target: 50.0%, not enough data.",
            ],
            Assert.Single(await ListAsync()).Agenda.Select(item => item.Sentence));
    }

    [Fact]
    public async Task A_decision_is_looked_at_again_with_the_figure_before_and_after_it()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await AppendAsync(month: 2, journeys: 100, converted: 40);
        await AppendAsync(month: 4, journeys: 100, converted: 60);
        await CreateAsync(Conversion());
        await Run().RunAsync(Cancelled);
        var first = Assert.Single(await ListAsync());
        var decision = new Decision("Score job levels.", "Fewer MQLs.", new DateOnly(2026, 5, 20), March.AddDays(3), "user:ann");
        await Reviews.CloseAsync(Tenant, first.Id, null, null, [], decision, new(2026, 5, 21, 0, 0, 0, TimeSpan.Zero), Cancelled);

        _clock.Set(new(2026, 5, 12, 0, 0, 0, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);

        var followUp = (await ListAsync()).Single(review => review.Decision is null);
        Assert.Equal((first.Id, new DateOnly(2026, 5, 20)), (followUp.Previous, followUp.DueDate));
        Assert.Equal(
            [
                "On 2026-03-04 it was decided: Score job levels. Trade-off: Fewer MQLs.",
                "Before the decision: LEAD to MQL within 10 d, 2026-01: 30.0% (95%: 21.9% to 39.6%, n 100). "
                    + "After it: LEAD to MQL within 10 d, 2026-04: 60.0% (95%: 50.2% to 69.1%, n 100). This is no proof that the decision caused the difference.",
            ],
            followUp.Agenda.Select(item => item.Sentence)); // February and March began before it
    }

    [Fact]
    public async Task A_decision_of_a_review_that_a_date_opened_is_looked_at_again_too()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await AppendAsync(month: 4, journeys: 100, converted: 60);
        await CreateAsync(new Condition.Calendar(new DateOnly(2026, 3, 5), PeriodKind.Quarter));
        _clock.Set(new(2026, 3, 5, 8, 0, 0, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);
        var first = Assert.Single(await ListAsync());
        var decision = new Decision("Score job levels.", "Fewer MQLs.", new DateOnly(2026, 6, 20), March.AddDays(6), "user:ann");
        await Reviews.CloseAsync(Tenant, first.Id, null, null, [], decision, new(2026, 6, 21, 0, 0, 0, TimeSpan.Zero), Cancelled);

        _clock.Set(new(2026, 6, 5, 8, 0, 0, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);

        var followUp = (await ListAsync()).Single(review => review.Decision is null);
        var effects = followUp.Agenda.Select(item => item.Sentence).Where(sentence => sentence.StartsWith("Before", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, effects.Count); // LEAD to MQL, MQL to SAL and LEAD to CLOSED_WON: of the others nobody was at risk
        Assert.Equal(
            "Before the decision: LEAD to MQL within 30 d, 2026-01: 30.0% (95%: 21.9% to 39.6%, n 100). "
            + "After it: LEAD to MQL within 30 d, 2026-04: 60.0% (95%: 50.2% to 69.1%, n 100). This is no proof that the decision caused the difference.",
            effects[0]);
    }

    sealed class ManualClock(DateTimeOffset start) : TimeProvider
    {
        DateTimeOffset _now = start;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Set(DateTimeOffset now) => _now = now;
    }
}
