using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class LeadUpdatesTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    [Fact]
    public async Task Updates_the_fields_that_the_mask_names_alone()
    {
        var created = await CreateAsync("ada@example.com");

        var updated = await intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest
            {
                Lead = new Lead { Name = created.Name, Etag = created.Etag, Campaign = "ignored", Profile = new Profile { Segment = "smb" } },
                UpdateMask = new FieldMask { Paths = { "profile.segment", "source" } },
            },
            Marketing);

        var expected = created.Clone();
        (expected.Profile.Segment, expected.Source, expected.Etag, expected.UpdateTime) = ("smb", "", "2", updated.UpdateTime);
        Assert.Equal(expected, updated);
    }

    [Fact]
    public async Task Clears_a_field_that_the_mask_names_where_the_message_around_it_is_left_out()
    {
        var created = await CreateAsync("ada@example.com");

        var updated = await intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest
            {
                Lead = new Lead { Name = created.Name, ExternalId = "1" },
                UpdateMask = new FieldMask { Paths = { "external_id", "profile.segment", "person.given_name" } },
            },
            Marketing);
        var bare = await intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest { Lead = new Lead { Name = created.Name }, UpdateMask = new FieldMask { Paths = { "person", "profile" } } }, Marketing);

        var expected = created.Clone();
        (expected.ExternalId, expected.Profile.Segment, expected.Person.GivenName, expected.Etag, expected.UpdateTime) = ("1", "", "", "2", updated.UpdateTime);
        Assert.Equal(expected, updated);
        (expected.Person, expected.Profile, expected.Etag, expected.UpdateTime) = (new(), new(), "3", bare.UpdateTime);
        Assert.Equal(expected, bare);
    }

    [Fact]
    public async Task An_update_to_what_is_so_already_writes_and_tells_nothing()
    {
        var created = await CreateAsync("ada@example.com");
        var same = new UpdateLeadRequest { Lead = created, RequestId = Guid.NewGuid().ToString() };
        var other = new UpdateLeadRequest { Lead = new Lead { Name = created.Name, Etag = created.Etag, Campaign = "other" } };

        var updated = await intake.Client.UpdateLeadAsync(same, Marketing);
        var changed = await intake.Client.UpdateLeadAsync(other, Marketing);
        var retried = await intake.Client.UpdateLeadAsync(same, Marketing);

        Assert.Equal(created, updated);
        Assert.Equal([changed, "2"], new object[] { retried, changed.Etag });
        await Eventually.IsTrueAsync("the change to be told", () => Task.FromResult(Told().Contains(2)));
        Assert.Equal([1L, 2L], Told());

        IEnumerable<long> Told() => intake.Changes(_tenant).Select(change => change.Version).Order();
    }

    [Fact]
    public async Task Refuses_a_stale_etag()
    {
        var created = await CreateAsync("ada@example.com");
        var update = new UpdateLeadRequest { Lead = new Lead { Name = created.Name, Etag = created.Etag, Campaign = "a" } };
        await intake.Client.UpdateLeadAsync(update, Marketing);

        var error = await GrpcAssert.FailsAsync(intake.Client.UpdateLeadAsync(update, Marketing));

        Assert.Equal((StatusCode.Aborted, "ETAG_STALE"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task Refuses_a_mask_that_names_no_field()
    {
        var created = await CreateAsync("ada@example.com");

        var error = await GrpcAssert.FailsAsync(intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest { Lead = created, UpdateMask = new FieldMask { Paths = { "stage" } } }, Marketing));

        Assert.Equal((StatusCode.InvalidArgument, "update_mask"), (error.Code, Assert.Single(error.Violations).Field));
    }

    [Fact]
    public async Task Refuses_an_identity_that_another_lead_has()
    {
        var one = await CreateAsync("one@example.com");
        var two = await CreateAsync("two@example.com");

        var error = await GrpcAssert.FailsAsync(intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest { Lead = new Lead { Name = two.Name, Person = new Person { Email = "one@example.com" } } }, Marketing));

        Assert.Equal((StatusCode.AlreadyExists, "LEAD_EXISTS", one.Name), (error.Code, error.Reason, error.Metadata["name"]));
    }

    async Task<Lead> CreateAsync(string email) => (await intake.Client.CreateLeadAsync(
        new CreateLeadRequest
        {
            Lead = new Lead
            {
                Person = new Person { Email = email, GivenName = "Ada" },
                Source = "newsletter",
                Campaign = "spring",
                Profile = new Profile { Segment = "enterprise", RegionCode = "GB", EmployeeCount = 12 },
            },
        },
        Marketing)).Lead;
}
