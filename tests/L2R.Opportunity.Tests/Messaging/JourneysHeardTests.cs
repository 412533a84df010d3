using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Opportunity.V1;
using L2R.TestSupport;

namespace L2R.Opportunity.Tests.Messaging;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class JourneysHeardTests(OpportunityFixture service)
{
    readonly string _tenant = OpportunityFixture.NewTenant();

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task An_exit_that_arrives_before_the_entry_stands()
    {
        var (journey, marker) = (Journey.New(), Journey.New());

        await service.MoveAsync(_tenant, journey, Stage.Recycled, 5, Now);
        await service.SayAsync(_tenant, journey, Stage.Sql, 4, Now);
        await service.SayAsync(_tenant, journey, Stage.Lead, 1, Now);
        await service.MoveAsync(_tenant, marker, Stage.Sql, 4, Now); // concurrent with them, so wait for the inbox too
        await Eventually.EqualAsync(4L, HandledAsync);

        Assert.Equal(("RECYCLED", 5L), await service.PositionAsync(_tenant, journey));
    }

    [Fact]
    public async Task A_redelivered_event_has_its_effect_once()
    {
        var (journey, eventId, time) = (Journey.New(), Guid.NewGuid(), Now);
        await service.SayAsync(_tenant, journey, Stage.Sql, 4, time, eventId);
        await Eventually.EqualAsync(4L, async () => (await service.PositionAsync(_tenant, journey)).SourceSeq);
        await service.MoveAsync(_tenant, journey, Stage.Recycled, 5, time);

        // The same event with other content: were it taken in again, the journey would move.
        await service.SayAsync(_tenant, journey, Stage.Sql, 9, time, eventId);
        var marker = Journey.New();
        for (var i = 0; i < 20; i++)
        {
            await service.MoveAsync(_tenant, marker, Stage.Sql, 10 + i, time);
        }

        Assert.Equal(("RECYCLED", 5L), await service.PositionAsync(_tenant, journey));
    }

    [Fact]
    public async Task History_of_others_is_not_listened_to()
    {
        var (journey, marker) = (Journey.New(), Journey.New());

        await service.SayAsync(_tenant, journey, Stage.Sql, 4, Now, origin: Origin.Import);
        for (var i = 0; i < 20; i++)
        {
            await service.MoveAsync(_tenant, marker, Stage.Sql, 4 + i, Now);
        }

        Assert.Equal(("", 0L), await service.PositionAsync(_tenant, journey));
    }

    [Fact]
    public async Task Its_own_rows_coming_back_change_nothing()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var sales = ServiceProcess.As(_tenant, "sales");
        var created = await service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, sales);
        await service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, sales);

        await service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = created.Name, Reason = "price" }, sales);
        await Eventually.EqualAsync(4, () => Task.FromResult(Heard().Count)); // SQL, two openings, one loss
        // Its queue is not bound to its own rows; one that an earlier version declared still is.
        foreach (var message in Heard())
        {
            await service.Bus.PublishAsync(OutboxEvent.Live(Guid.Parse(message.EventId), _tenant, message, "handoff"));
        }
        await Eventually.EqualAsync(4L, HandledAsync);

        Assert.Equal(("OPPORTUNITY", 7L), await service.PositionAsync(_tenant, journey));
    }

    [Fact]
    public async Task A_journey_that_another_service_moved_in_the_same_moment_is_numbered_on()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var sales = ServiceProcess.As(_tenant, "sales");
        var created = await service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, sales);

        await service.MoveAsync(_tenant, journey, Stage.Recycled, 6, Now);
        await service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = created.Name, Reason = "price" }, sales);

        Assert.Equal(("CLOSED_LOST", 7L), await service.PositionAsync(_tenant, journey));
    }

    IReadOnlyList<StagesChanged> Heard() => service.Bus.Messages<StagesChanged>(message => message.Tenant == _tenant);

    /// <summary>How many events of this test's tenant the service has handled, by those that the test has heard too.</summary>
    async Task<long> HandledAsync()
    {
        var ids = Heard().Select(message => Guid.Parse(message.EventId)).ToArray();
        await using var command = service.Service.Admin.CreateCommand("SELECT count(*) FROM inbox WHERE message_id = ANY($1)");
        command.Parameters.AddWithValue(ids);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
