using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Opportunity.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.Opportunity.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class UpdatesTests(OpportunityFixture service)
{
    readonly string _tenant = OpportunityFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    [Fact]
    public async Task Changes_the_fields_that_the_mask_names_alone()
    {
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(await service.QualifiedAsync(_tenant)), Sales);

        var updated = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest
            {
                Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, Stage = "negotiation", DisplayName = "ignored" },
                UpdateMask = new FieldMask { Paths = { "stage", "expected_close_date", "owner", "amount" } },
            },
            Sales);

        var expected = created.Clone();
        (expected.Stage, expected.ExpectedCloseDate, expected.Owner, expected.Amount) = ("negotiation", null, "", null);
        (expected.Etag, expected.UpdateTime) = ("2", updated.UpdateTime);
        Assert.Equal(expected, updated);
        Assert.Equal("EUR", updated.CurrencyCode);
    }

    [Fact]
    public async Task Without_a_mask_changes_every_field_that_is_set()
    {
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(await service.QualifiedAsync(_tenant)), Sales);

        var updated = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest
            {
                Opportunity = new V1.Opportunity
                {
                    Name = created.Name,
                    DisplayName = "More engines",
                    Amount = new Money { CurrencyCode = "EUR", Units = 7 },
                    ExpectedCloseDate = new Date { Year = 2027, Month = 1, Day = 1 },
                },
            },
            Sales);

        var expected = created.Clone();
        (expected.DisplayName, expected.Amount.Units, expected.Amount.Nanos) = ("More engines", 7, 0);
        expected.ExpectedCloseDate = new Date { Year = 2027, Month = 1, Day = 1 };
        (expected.Etag, expected.UpdateTime) = ("2", updated.UpdateTime);
        Assert.Equal(expected, updated);
        await Eventually.EqualAsync(2, () => Task.FromResult(service.Changes(_tenant).Count));
        Assert.Equal((2L, updated.Amount), (service.Changes(_tenant)[^1].Version, service.Changes(_tenant)[^1].Amount));
        Assert.Single(service.Rows(_tenant));
    }

    [Fact]
    public async Task A_change_to_what_is_so_already_writes_and_tells_nothing()
    {
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(await service.QualifiedAsync(_tenant)), Sales);

        var same = await service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = created }, Sales);
        var changed = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, DisplayName = "More engines" } }, Sales);

        Assert.Equal(created, same);
        Assert.Equal("2", changed.Etag);
        await Eventually.IsTrueAsync("the change to be told", () => Task.FromResult(service.Changes(_tenant).Any(change => change.Version == 2)));
        Assert.Equal([1L, 2L], service.Changes(_tenant).Select(change => change.Version));
    }

    [Fact]
    public async Task Keeps_its_currency()
    {
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(await service.QualifiedAsync(_tenant)), Sales);

        var error = await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Amount = new Money { CurrencyCode = "USD", Units = 7 } } }, Sales));

        Assert.Equal(
            (StatusCode.FailedPrecondition, "CURRENCY_FIXED", "EUR"), (error.Code, error.Reason, error.Metadata["currency_code"]));
    }

    [Fact]
    public async Task Refuses_a_stale_etag_on_every_change()
    {
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(await service.QualifiedAsync(_tenant)), Sales);
        var changed = new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, Owner = "rep-8" } };
        await service.Client.UpdateOpportunityAsync(changed, Sales);

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(changed, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = created.Name, Etag = "1" }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = created.Name, Etag = "1", Reason = "x" }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest { Name = created.Name, Etag = "1" }, Sales)),
        ];

        Assert.All(errors, error => Assert.Equal((StatusCode.Aborted, "ETAG_STALE", created.Name), (error.Code, error.Reason, error.Metadata["name"])));
    }
}
