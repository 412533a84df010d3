using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class CustomDimensionTests(IntakeFixture intake)
{
    static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    [Fact]
    public async Task A_lead_has_them_and_tells_of_them()
    {
        var created = (await intake.Client.CreateLeadAsync(Ada(("plan", "free"), ("partner", "acme"), ("industry", "")), Marketing)).Lead;

        Assert.Equal(["partner=acme", "plan=free"], Told(created.Custom));
        Assert.Equal(created, await intake.Client.GetLeadAsync(new GetLeadRequest { Name = created.Name }, Marketing));
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count));
        Assert.Equal(["partner=acme", "plan=free"], Told(intake.Rows(_tenant).Single().Dimensions.Custom));
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Changes(_tenant).Count));
        Assert.Equal(["partner=acme", "plan=free"], Told(intake.Changes(_tenant).Single().Custom));
    }

    [Fact]
    public async Task An_update_replaces_them_where_it_names_or_sets_them()
    {
        var created = (await intake.Client.CreateLeadAsync(Ada(("plan", "free"), ("partner", "acme")), Marketing)).Lead;

        var other = await UpdateAsync(new Lead { Name = created.Name, Campaign = "autumn" });
        var set = await UpdateAsync(new Lead { Name = created.Name, Custom = { ["plan"] = "pro" } });
        await Eventually.EqualAsync(3, () => Task.FromResult(intake.Changes(_tenant).Count));
        var same = await UpdateAsync(new Lead { Name = created.Name, Custom = { ["plan"] = "pro" } }, "custom");
        var emptied = await UpdateAsync(new Lead { Name = created.Name }, "custom");

        Assert.Equal(["partner=acme", "plan=free"], Told(other.Custom));
        Assert.Equal(["plan=pro"], Told(set.Custom));
        Assert.Equal(["plan=pro"], Told(intake.Changes(_tenant).Single(change => change.Version == 3).Custom));
        Assert.Equal("3", same.Etag); // nothing was written
        Assert.Empty(emptied.Custom);
    }

    [Fact]
    public async Task Names_every_wrong_one_at_once()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(
            Ada([("Plan", "free"), ("segment", "smb"), ("partner", "ada@example.com"), ("tier", new('x', 201)), ("nul", "\0"),
                .. Enumerable.Range(1, 12).Select(number => ($"d{number}", "x"))]),
            Marketing));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [
                ("lead.custom", "must be at most 16, and are 17"),
                ("lead.custom['Plan']", "must be in kebab case such as web-form, at most 63 characters"),
                ("lead.custom['nul']", "must not have the character U+0000"),
                ("lead.custom['partner']", "must be an id, not an e-mail address: that is personal data"),
                ("lead.custom['segment']", "must not be 'segment': every tenant has that dimension"),
                ("lead.custom['tier']", "must be at most 200 characters, and has 201"),
            ],
            error.Violations.Select(violation => (violation.Field, violation.Problem)).Order());
    }

    [Fact]
    public async Task An_import_has_them_and_their_order_says_nothing()
    {
        var first = await ImportAsync(Row("a", ("plan", "free"), ("partner", "acme")));
        var again = await ImportAsync(Row("a", ("partner", "acme"), ("plan", "free")));
        var other = await ImportAsync(Row("a", ("partner", "acme"), ("plan", "pro")));
        var broken = await ImportAsync(Row("b", ("Plan", "ada@example.com")));

        Assert.Equal((1, 1), (first.StoredCount, again.UnchangedCount));
        Assert.Equal("KEY_REUSED", other.Rejects.Single().Reason);
        Assert.Equal(
            "dimensions.custom['Plan'] must be in kebab case such as web-form, at most 63 characters; "
            + "dimensions.custom['Plan'] must be an id, not an e-mail address: that is personal data",
            broken.Rejects.Single().Message);
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count));
        var row = intake.Rows(_tenant).Single();
        Assert.Equal(["partner=acme", "plan=free"], Told(row.Dimensions.Custom));
        Assert.Equal(["partner=acme", "plan=free"], Told((await intake.Client.GetLeadAsync(new GetLeadRequest { Name = row.Lead }, Marketing)).Custom));
    }

    static CreateLeadRequest Ada(params (string Name, string Value)[] custom) =>
        new() { Lead = new Lead { ExternalId = "ada", Custom = { custom.ToDictionary(own => own.Name, own => own.Value) } } };

    static IEnumerable<string> Told(IEnumerable<KeyValuePair<string, string>> custom) => custom.Select(own => $"{own.Key}={own.Value}").Order(StringComparer.Ordinal);

    static ImportedTransition Row(string key, params (string Name, string Value)[] custom) => new()
    {
        Line = 1,
        SourceKey = key,
        LeadKey = key,
        JourneyKey = key,
        To = Stage.Lead,
        OccurTime = Noon.ToTimestamp(),
        Dimensions = new Dimensions { Custom = { custom.ToDictionary(own => own.Name, own => own.Value) } },
    };

    async Task<Lead> UpdateAsync(Lead lead, params string[] paths) =>
        await intake.Client.UpdateLeadAsync(new UpdateLeadRequest { Lead = lead, UpdateMask = new() { Paths = { paths } } }, Marketing);

    async Task<ImportTransitionsResponse> ImportAsync(ImportedTransition row)
    {
        using var call = intake.Client.ImportTransitions(ServiceProcess.As(_tenant, "revops"));
        await call.RequestStream.WriteAsync(new() { ImportId = "test", Source = "crm", Transitions = { row } }, TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        return call.ResponseStream.Current;
    }
}
