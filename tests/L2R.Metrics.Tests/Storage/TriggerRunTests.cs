using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <summary>What is due, with a clock that the test moves.</summary>
[Trait("needs", "postgres")]
public sealed partial class TriggerRunTests : IAsyncLifetime
{
    const string Tenant = "acme";

    static readonly DateTimeOffset March = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    readonly ManualClock _clock = new(March);

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    TriggerStore Triggers => new(_database.App);

    TriggerWork Work => new(_database.App);

    ReviewStore Reviews => new(_database.App);

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(LedgerStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    TriggerRun Run() => new(Work, Ledgers.Open(_database.App), new SettingsStore(_database.App), new TargetStore(_database.App), _clock);

    async Task<Trigger> CreateAsync(Condition condition)
    {
        var details = new TriggerDetails("Lead quality", "marketing", condition, ReviewDays: 14);
        var due = new TriggerSchedule(TimeZoneInfo.Utc, 1).First(condition, _clock.GetUtcNow());
        return Assert.IsType<TriggerOutcome.Done>(await Triggers.CreateAsync(Tenant, null, [], details, due, _clock.GetStorableNow(), Cancelled)).Trigger!;
    }

    static Condition.Metric Conversion(double threshold = 0.5, double rearm = 0.5) =>
        new(Pair.All[0], null, new Measure.Conversion(TimeSpan.FromDays(10)), PeriodKind.Month, Comparison.Below, threshold, rearm);

    /// <summary>So many journeys that begin in the month, of which some become an MQL the next day.</summary>
    async Task AppendAsync(int month, int journeys, int converted)
    {
        var at = new DateTimeOffset(2026, month, 5, 0, 0, 0, TimeSpan.Zero);
        var rows = Enumerable.Range(0, journeys).SelectMany(number =>
        {
            var (lead, journey) = (Guid.NewGuid(), Guid.NewGuid());
            return new[] { Row(Stage.Lead, 1, at), Row(Stage.Mql, 2, at.AddDays(1)) }.Take(number < converted ? 2 : 1);

            Transition Row(Stage to, long seq, DateTimeOffset occurredAt) => new()
            {
                TransitionId = Guid.NewGuid(),
                LeadId = lead,
                JourneyId = journey,
                To = to,
                OccurredAt = occurredAt,
                RecordedAt = default,
                SourceSeq = seq,
            };
        }).ToList();
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await LedgerStore.AppendAsync(transaction, Tenant, rows, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    Task<IReadOnlyList<Review>> ListAsync() => Reviews.ListAsync(Tenant, null, null, 100, _clock.GetUtcNow(), Cancelled);

    Task<string> VerdictsAsync() => _database.ScalarAsync<string>("SELECT string_agg(key || ' ' || verdict, ', ' ORDER BY evaluate_time, key) FROM trigger_evaluations");

    [Fact]
    public async Task Each_period_is_looked_at_once_when_it_is_mature_and_what_is_beyond_the_threshold_opens_a_review()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 60);
        await AppendAsync(month: 2, journeys: 100, converted: 30);
        var trigger = await CreateAsync(Conversion());

        await Run().RunAsync(Cancelled);
        Assert.Equal("2026-01 0", await VerdictsAsync());
        _clock.Set(new(2026, 3, 11, 0, 59, 59, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);
        Assert.Equal("2026-01 0", await VerdictsAsync());
        _clock.Set(new(2026, 3, 11, 1, 0, 0, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);
        await Run().RunAsync(Cancelled);

        Assert.Equal("2026-01 0, 2026-02 1", await VerdictsAsync());
        var review = Assert.Single(await ListAsync());
        Assert.Equal(
            (trigger.Id, "Lead quality", "marketing", _clock.GetUtcNow(), new DateOnly(2026, 3, 25), new DateTimeOffset(2026, 3, 26, 0, 0, 0, TimeSpan.Zero)),
            (review.TriggerId, review.DisplayName, review.Owner, review.OpenTime, review.DueDate, review.DueTime));
        var item = Assert.Single(review.Agenda);
        Assert.Equal("LEAD to MQL within 10 d, 2026-02: 30.0% (95%: 21.9% to 39.6%, n 100): the whole interval is below the threshold of 50.0%.", item.Sentence);
        Assert.Equal((100L, 0.3, Wilson.Interval(30, 100)), (item.Reading!.N, item.Reading.Value, item.Reading.Interval));
        Assert.Equal((false, new DateTimeOffset(2026, 4, 11, 1, 0, 0, TimeSpan.Zero)), ((await Triggers.FindAsync(Tenant, trigger.Id, Cancelled)) is { } now ? (now.Armed, now.Due!.Time) : default));
    }

    [Fact]
    public async Task A_review_that_nobody_holds_is_overdue_from_the_day_after_its_date_on()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await CreateAsync(Conversion());
        await Run().RunAsync(Cancelled);
        var review = Assert.Single(await ListAsync());

        Assert.Equal(ReviewState.Open, review.StateAt(review.DueTime.AddTicks(-1)));
        Assert.Equal(ReviewState.Overdue, review.StateAt(review.DueTime));
        foreach (var (at, open, overdue) in new[] { (review.DueTime.AddMicroseconds(-1), 1, 0), (review.DueTime, 0, 1) })
        {
            Assert.Equal(open, (await Reviews.ListAsync(Tenant, null, ReviewState.Open, 10, at, Cancelled)).Count);
            Assert.Equal(overdue, (await Reviews.ListAsync(Tenant, null, ReviewState.Overdue, 10, at, Cancelled)).Count);
        }
    }

    [Fact]
    public async Task After_an_absence_every_period_is_looked_at_and_it_fires_again_only_when_the_figure_was_back()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        var trigger = await CreateAsync(Conversion(threshold: 0.5, rearm: 0.6));
        await AppendAsync(month: 2, journeys: 100, converted: 30);
        await AppendAsync(month: 3, journeys: 100, converted: 55);
        await AppendAsync(month: 4, journeys: 100, converted: 60);
        await AppendAsync(month: 5, journeys: 100, converted: 20);
        _clock.Set(new(2026, 7, 15, 0, 0, 0, TimeSpan.Zero));

        await Run().RunAsync(Cancelled);

        Assert.Equal("2026-01 1, 2026-02 2, 2026-03 2, 2026-04 0, 2026-05 1, 2026-06 3", await VerdictsAsync());
        var review = Assert.Single(await ListAsync()); // the second firing adds to the open review
        Assert.Equal(["2026-01", "2026-05"], review.Agenda.Select(item => item.Reading!.Period.Name));
        Assert.Equal(new DateTimeOffset(2026, 8, 11, 1, 0, 0, TimeSpan.Zero), (await Triggers.FindAsync(Tenant, trigger.Id, Cancelled))!.Due!.Time);
    }

    [Fact]
    public async Task Twenty_replicas_open_one_review()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await CreateAsync(Conversion());

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Run().RunAsync(Cancelled)));

        Assert.Equal("2026-01 1", await VerdictsAsync());
        Assert.Single(Assert.Single(await ListAsync()).Agenda);
    }

    [Fact]
    public async Task Twenty_replicas_without_a_lease_open_one_review()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        var trigger = await CreateAsync(Conversion());

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Run().LookAsync(Tenant, trigger, Cancelled)));

        Assert.Equal("2026-01 1", await VerdictsAsync());
        Assert.Single(Assert.Single(await ListAsync()).Agenda);
    }

    [Fact]
    public async Task A_replica_that_was_taken_for_dead_and_comes_back_changes_nothing()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await CreateAsync(Conversion());
        var slow = await Work.TakeAsync(Tenant, _clock.GetUtcNow(), Cancelled);
        Assert.Null(await Work.TakeAsync(Tenant, _clock.GetUtcNow().AddMinutes(5).AddTicks(-10), Cancelled)); // it has the lease
        _clock.Set(March.AddMinutes(5));
        await Run().RunAsync(Cancelled);
        var review = Assert.Single(await ListAsync());

        // Meanwhile the review was closed: what comes late opens no other.
        var decision = new Decision("Raise the threshold.", "Fewer leads.", new DateOnly(2026, 6, 1), _clock.GetUtcNow(), "user:ann");
        Assert.IsType<ReviewOutcome.Done>(await Reviews.CloseAsync(Tenant, review.Id, null, null, [], decision, March.AddDays(100), Cancelled));
        await Run().LookAsync(Tenant, slow!, Cancelled);

        Assert.Equal("2026-01 1", await VerdictsAsync());
        Assert.Equal([1, 1], (await ListAsync()).Select(each => each.Agenda.Count));
        Assert.Equal(new DateTimeOffset(2026, 3, 11, 1, 0, 0, TimeSpan.Zero), (await Triggers.ListAsync(Tenant, null, 10, Cancelled))[0].Due!.Time);
    }

    [Fact]
    public async Task A_replica_that_comes_late_does_not_set_the_schedule_back()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        await AppendAsync(month: 2, journeys: 100, converted: 70);
        var trigger = await CreateAsync(Conversion());
        _clock.Set(new(2026, 3, 11, 1, 0, 0, TimeSpan.Zero));
        await Run().RunAsync(Cancelled);

        await Run().LookAsync(Tenant, trigger, Cancelled);

        var after = await Triggers.FindAsync(Tenant, trigger.Id, Cancelled);
        Assert.Equal((true, new DateTimeOffset(2026, 4, 11, 1, 0, 0, TimeSpan.Zero)), (after!.Armed, after.Due!.Time));
    }

    [Fact]
    public async Task An_activation_that_comes_during_the_look_at_another_is_looked_at_too()
    {
        await CreateAsync(new Condition.PolicyActivated());
        await HearAsync("scoringPolicies/2");
        var taken = await Work.TakeAsync(Tenant, _clock.GetUtcNow(), Cancelled);
        var pending = await Work.ReadPendingAsync(Tenant, taken!, Cancelled);
        await HearAsync("scoringPolicies/3"); // at the same microsecond
        var look = new Look(new(pending.Single().EventId.ToString(), March, Verdict.Fired, null), [new(March, "Two.", null)]);
        await Work.FinishAsync(Tenant, taken!, [look], true, null, (new DateOnly(2026, 3, 15), March.AddDays(15)), March, Cancelled);

        _clock.Set(March.AddSeconds(1));
        await Run().RunAsync(Cancelled);

        var agenda = Assert.Single(await ListAsync()).Agenda.Where(item => item.Reading is null).Select(item => item.Sentence);
        Assert.Equal(["Two.", "Autumn (scoringPolicies/3) decides since 2026-03-01 00:00 UTC: Job levels count."], agenda);
        Assert.Null((await Triggers.ListAsync(Tenant, null, 10, Cancelled)).Single().Due);
    }

    async Task HearAsync(string policy)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await TriggerWork.HearAsync(transaction, Tenant, new(Guid.NewGuid(), policy, "Autumn", "Job levels count.", "user:ann", March), March, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    [Fact]
    public async Task A_deleted_trigger_fires_no_more_also_when_it_was_being_looked_at()
    {
        await AppendAsync(month: 1, journeys: 100, converted: 30);
        var trigger = await CreateAsync(Conversion());
        var taken = await Work.TakeAsync(Tenant, _clock.GetUtcNow(), Cancelled);
        await Triggers.DeleteAsync(Tenant, trigger.Id, null, [], Cancelled);

        await Run().LookAsync(Tenant, taken!, Cancelled);
        await Run().RunAsync(Cancelled);

        Assert.Empty(await ListAsync());
    }
}
