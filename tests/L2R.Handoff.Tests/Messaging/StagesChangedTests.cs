using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Messaging;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class StagesChangedTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    async Task<IReadOnlyList<string>> RepsAsync(int count)
    {
        List<string> names = [];
        for (var i = 0; i < count; i++)
        {
            var rep = await fixture.Client.CreateRepAsync(
                new CreateRepRequest { Rep = new Rep { DisplayName = $"Rep {i}" } }, ServiceProcess.As(_tenant, "revops"));
            names.Add(rep.Name);
        }
        return names;
    }

    [Fact]
    public async Task Mqls_go_to_the_active_reps_in_turn()
    {
        var reps = await RepsAsync(3);
        await fixture.Client.UpdateRepAsync(
            new UpdateRepRequest { Rep = new Rep { Name = reps[1], Active = false } }, ServiceProcess.As(_tenant, "revops"));

        List<string> owners = [];
        for (var i = 0; i < 5; i++)
        {
            owners.Add((await fixture.QueueAsync(_tenant)).Owner);
        }

        var turns = new[] { reps[0], reps[2] }.Order(StringComparer.Ordinal).ToList();
        Assert.Equal([turns[0], turns[1], turns[0], turns[1], turns[0]], owners);
    }

    [Theory]
    [InlineData("intake")]
    [InlineData("scoring")]
    [InlineData("opportunity")]
    public async Task Hears_every_other_owner(string by)
    {
        var journey = Journey.New(_tenant);
        await fixture.SayAsync(journey, Stage.Mql, 2);
        await fixture.HeardAsync(journey, Stage.Mql);

        await fixture.SayAsync(journey, Stage.Disqualified, 3, by: by);

        await fixture.HeardAsync(journey, Stage.Disqualified);
    }

    [Fact]
    public async Task A_redelivered_mql_is_queued_and_assigned_once()
    {
        await RepsAsync(2);
        var (journey, eventId) = (Journey.New(_tenant), Guid.NewGuid());

        await fixture.SayAsync(journey, Stage.Mql, 2, eventId);
        await fixture.SayAsync(journey, Stage.Mql, 2, eventId);
        await fixture.SayAsync(journey, Stage.Mql, 2); // the same row in another event
        var next = await fixture.QueueAsync(_tenant); // by then those were heard, or are on their way
        await Eventually.EqualAsync(2, () => Task.FromResult(fixture.Assignments(_tenant).Count));
        await EventuallyConsumedAsync(4, repeats: 1);

        Assert.Equal(new[] { journey.Handoff, next.Name }.Order(), fixture.Assignments(_tenant).Select(told => told.Handoff).Order());
        Assert.Equal("2", (await fixture.HeardAsync(journey, Stage.Mql)).Etag);
        await using var count = fixture.Service.Admin.CreateCommand($"SELECT turn_count FROM routing_cursors WHERE tenant_id = '{_tenant}'");
        Assert.Equal(2L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rows_that_come_in_any_order_leave_the_journey_where_the_last_one_put_it()
    {
        var journey = Journey.New(_tenant);

        await fixture.SayAsync(journey, Stage.Mql, 2);
        await fixture.SayAsync(journey, Stage.Lead, 1);
        await fixture.HeardAsync(journey, Stage.Mql);
        await fixture.SayAsync(journey, Stage.ClosedWon, 6);
        await fixture.HeardAsync(journey, Stage.ClosedWon);
        await fixture.SayAsync(journey, Stage.Opportunity, 5);
        await fixture.QueueAsync(_tenant);
        await EventuallyConsumedAsync(5);

        Assert.Equal(Stage.ClosedWon, (await fixture.HeardAsync(journey, Stage.ClosedWon)).Stage);
    }

    [Fact]
    public async Task An_exit_that_comes_before_the_entry_leaves_nothing_in_the_queue()
    {
        var journey = Journey.New(_tenant);

        await fixture.SayAsync(journey, Stage.Disqualified, 2);
        await EventuallyConsumedAsync(1);
        await fixture.SayAsync(journey, Stage.Lead, 1);
        await fixture.QueueAsync(_tenant);
        await EventuallyConsumedAsync(3);

        var listed = await fixture.Client.ListHandoffsAsync(new ListHandoffsRequest(), ServiceProcess.As(_tenant, "sales"));
        Assert.DoesNotContain(listed.Handoffs, handoff => handoff.Name == journey.Handoff);
    }

    [Fact]
    public async Task Two_replicas_never_give_the_same_turn_twice()
    {
        var prefix = $"test-{Guid.NewGuid():N}.";
        await using var first = await ServiceProcess.StartAsync(typeof(Handoff.Api.HandoffMapping).Assembly, "handoffdb", ("Messaging__QueuePrefix", prefix));
        await using var second = await ServiceProcess.StartAsync(
            typeof(Handoff.Api.HandoffMapping).Assembly, "handoffdb",
            ("Messaging__QueuePrefix", prefix), ("ConnectionStrings__handoffdb", first.AdminConnectionString));
        var client = new HandoffService.HandoffServiceClient(second.Channel);
        var options = ServiceProcess.As(_tenant, "revops");
        for (var i = 0; i < 3; i++)
        {
            await client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = $"Rep {i}" } }, options);
        }

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => fixture.SayAsync(Journey.New(_tenant), Stage.Mql, 2)));

        await Eventually.EqualAsync("20,20,20", async () => string.Join(',',
            (await client.ListHandoffsAsync(new ListHandoffsRequest { PageSize = 1000 }, options)).Handoffs.CountBy(handoff => handoff.Owner).Select(owner => owner.Value)));
        await using var cursor = first.Admin.CreateCommand($"SELECT turn_count FROM routing_cursors WHERE tenant_id = '{_tenant}'");
        Assert.Equal(60L, await cursor.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Waits until the service has taken in so many of the tenant's events.</summary>
    /// <param name="repeats">Deliveries beyond those, which leave no trace to wait for.</param>
    async Task EventuallyConsumedAsync(int events, int repeats = 0)
    {
        var ids = fixture.Bus.Messages<StagesChanged>(message => message.Tenant == _tenant);
        await Eventually.EqualAsync(events, () => Task.FromResult(fixture.Bus.Messages<StagesChanged>(message => message.Tenant == _tenant).Count));
        ids = fixture.Bus.Messages<StagesChanged>(message => message.Tenant == _tenant);
        await Eventually.EqualAsync((long)(events - repeats), async () =>
        {
            await using var count = fixture.Service.Admin.CreateCommand("SELECT count(*) FROM inbox WHERE message_id = ANY($1)");
            count.Parameters.Add(new Npgsql.NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(message => Guid.Parse(message.EventId))] });
            return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        });
    }
}
