using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Metrics.V1;
using L2R.Opportunity.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.EndToEnd.Tests;

/// <summary>One lead, call by call, as its people would make them.</summary>
public sealed class LiveWalkTests(AspireFixture stack) : IClassFixture<AspireFixture>
{
    const string Tenant = "live-walk";

    [Fact]
    public async Task A_lead_walks_from_intake_to_closed_won_and_is_in_the_waterfall()
    {
        var options = await CliToken.AsAsync(Tenant);
        var intake = new IntakeService.IntakeServiceClient(stack.Channel);
        var handoff = new HandoffService.HandoffServiceClient(stack.Channel);
        var deals = new OpportunityService.OpportunityServiceClient(stack.Channel);

        var lead = (await intake.CreateLeadAsync(
            new CreateLeadRequest { Lead = new Lead { Person = new Person { Email = "ada@example.com" }, Channel = "web-form" } }, options)).Lead;
        await intake.RecordTouchpointAsync(
            new RecordTouchpointRequest { Touchpoint = new Touchpoint { Lead = lead.Name, Kind = "demo-request", Engagement = true } }, options);
        var handoffName = lead.Journey.Replace("journeys/", "handoffs/", StringComparison.Ordinal);
        await RetryAsync(() => handoff.AcceptHandoffAsync(new AcceptHandoffRequest { Name = handoffName }, options));
        var met = new Criterion { Met = true };
        await RetryAsync(() => handoff.QualifyHandoffAsync(
            new QualifyHandoffRequest { Name = handoffName, Qualification = new Qualification { Need = met, Budget = met, Authority = met, Timeline = met } }, options));
        var deal = await RetryAsync(() => deals.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new() { Journey = lead.Journey, DisplayName = "Analytical engine", Amount = 1_234.56m.ToMoney("EUR") } }, options));
        await RetryAsync(() => deals.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = deal.Name }, options));

        string[] everything = ["LEAD 1", "MQL 1", "SAL 1", "SQL 1", "OPPORTUNITY 1", "CLOSED_WON 1"];
        WaterfallGroup? group = null;
        await Eventually.IsTrueAsync(
            "the win to be in the waterfall",
            async () =>
            {
                var request = new GetWaterfallRequest { Filters = { new DimensionFilter { Dimension = "channel", Values = { "web-form" } } } };
                group = Assert.Single((await stack.Channel.GetWaterfallAsync(Tenant, request)).Groups);
                return group.Entries().SequenceEqual(everything);
            },
            seconds: 2);
        Assert.Equal(("EUR", 1_234.56m), (Assert.Single(group!.WonAmounts).CurrencyCode, group.WonAmounts[0].ToDecimal()));
        Assert.Equal([1L, 1, 1, 1, 1, 1], group.Pairs.Select(pair => pair.ToDate.ConvertedCount));

        var journey = await new MetricsService.MetricsServiceClient(stack.Channel).GetJourneyAsync(new GetJourneyRequest { Name = lead.Journey }, options);
        Assert.Equal((lead.Name, L2R.Ledger.V1.Stage.ClosedWon), (journey.Lead, journey.Stands));
        Assert.Equal(
            ["dev", "scoring", "dev", "dev", "dev", "dev"],
            journey.Rows.Select(row => row.Change.Actor.Split(':')[^1]));
    }

    /// <summary>Calls until the service has heard of what it needs: it says when to try again.</summary>
    static async Task<T> RetryAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.FailedPrecondition && GrpcAssert.Read(exception).RetryAfter is { } pause)
            {
                await Task.Delay(pause, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }
}
