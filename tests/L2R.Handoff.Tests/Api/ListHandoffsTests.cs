using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ListHandoffsTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    HandoffService.HandoffServiceClient Client => fixture.Client;

    [Fact]
    public async Task Lists_what_waits_longest_first_in_pages_and_by_stage_and_owner()
    {
        var journeys = Enumerable.Range(0, 5).Select(_ => Journey.New(_tenant)).ToList();
        foreach (var (journey, index) in journeys.Select((journey, index) => (journey, index)).Reverse())
        {
            await fixture.SayAsync(journey, Stage.Mql, index + 2); // dated in the order of the list, said the other way round
        }
        await Task.WhenAll(journeys.Select(journey => fixture.HeardAsync(journey, Stage.Mql)));
        // The fifth is accepted by somebody who is no rep; then there is one, and the others are theirs.
        await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = journeys[4].Handoff }, Sales);
        var rep = await Client.CreateRepAsync(
            new CreateRepRequest { Rep = new Rep { DisplayName = "Ann" } }, ServiceProcess.As(_tenant, "revops"));
        await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = journeys[1].Handoff }, Sales);

        Assert.Equal([0, 1, 2, 3, 4], await ListAsync(new ListHandoffsRequest()));
        Assert.Equal([0, 2, 3], await ListAsync(new ListHandoffsRequest { Stage = Stage.Mql }));
        Assert.Equal([0, 1, 2, 3], await ListAsync(new ListHandoffsRequest { Owner = rep.Name }));
        Assert.Equal([1], await ListAsync(new ListHandoffsRequest { Owner = rep.Name, Stage = Stage.Sal }));
        Assert.Equal([4], await ListAsync(new ListHandoffsRequest { Unassigned = true }));

        async Task<IEnumerable<int>> ListAsync(ListHandoffsRequest request)
        {
            List<string> names = [];
            request.PageSize = 2;
            do
            {
                var page = await Client.ListHandoffsAsync(request, Sales);
                Assert.InRange(page.Handoffs.Count, 1, 2);
                names.AddRange(page.Handoffs.Select(handoff => handoff.Name));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return names.Select(name => journeys.FindIndex(journey => journey.Handoff == name));
        }
    }
}
