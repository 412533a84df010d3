using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RepsTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    CallOptions RevOps => ServiceProcess.As(_tenant, "revops");

    HandoffService.HandoffServiceClient Client => fixture.Client;

    static CreateRepRequest Ann(string subject = "ann") => new()
    {
        Rep = new Rep { DisplayName = "Ann Example", Subject = subject, Team = "inside-sales" },
        RequestId = Guid.NewGuid().ToString(),
    };

    [Fact]
    public async Task Creates_an_active_rep_once_and_reads_it_back()
    {
        var request = Ann();

        var created = await Client.CreateRepAsync(request, RevOps);
        var retried = await Client.CreateRepAsync(request, RevOps);

        var expected = request.Rep.Clone();
        (expected.Name, expected.Active, expected.Etag) = (created.Name, true, "1");
        (expected.CreateTime, expected.UpdateTime) = (created.CreateTime, created.CreateTime);
        Assert.Equal([expected, expected], [created, retried]);
        Assert.Equal(expected, await Client.GetRepAsync(new GetRepRequest { Name = created.Name }, ServiceProcess.As(_tenant, "marketing")));
    }

    [Fact]
    public async Task A_request_id_with_another_body_is_refused()
    {
        var request = Ann();
        await Client.CreateRepAsync(request, RevOps);
        request.Rep.Team = "other";

        var error = await GrpcAssert.FailsAsync(Client.CreateRepAsync(request, RevOps));

        Assert.Equal((StatusCode.InvalidArgument, "REQUEST_ID_REUSED", request.RequestId), (error.Code, error.Reason, error.Metadata["request_id"]));
    }

    [Fact]
    public async Task A_subject_belongs_to_one_rep_of_a_tenant()
    {
        var first = await Client.CreateRepAsync(Ann(), RevOps);
        var second = await Client.CreateRepAsync(Ann("ben"), RevOps);

        var created = await GrpcAssert.FailsAsync(Client.CreateRepAsync(Ann(), RevOps));
        var updated = await GrpcAssert.FailsAsync(
            Client.UpdateRepAsync(new UpdateRepRequest { Rep = new Rep { Name = second.Name, Subject = "ann" } }, RevOps));
        await Client.CreateRepAsync(Ann(), ServiceProcess.As(HandoffFixture.NewTenant(), "revops"));

        Assert.All([created, updated], error => Assert.Equal(
            (StatusCode.AlreadyExists, "REP_EXISTS", first.Name), (error.Code, error.Reason, error.Metadata["name"])));
    }

    [Fact]
    public async Task Updates_the_fields_that_the_mask_names_alone()
    {
        var created = await Client.CreateRepAsync(Ann(), RevOps);
        var request = new UpdateRepRequest
        {
            Rep = new Rep { Name = created.Name, Etag = created.Etag, Team = "ignored", Active = false },
            UpdateMask = new FieldMask { Paths = { "active", "subject" } },
            RequestId = Guid.NewGuid().ToString(),
        };

        var updated = await Client.UpdateRepAsync(request, RevOps);
        var retried = await Client.UpdateRepAsync(request, RevOps);

        var expected = created.Clone();
        (expected.Active, expected.Subject, expected.Etag, expected.UpdateTime) = (false, "", "2", updated.UpdateTime);
        Assert.Equal([expected, expected], [updated, retried]);
    }

    [Fact]
    public async Task Without_a_mask_updates_every_field_that_is_set()
    {
        var created = await Client.CreateRepAsync(Ann(), RevOps);

        var updated = await Client.UpdateRepAsync(
            new UpdateRepRequest { Rep = new Rep { Name = created.Name, DisplayName = "Ann New", Team = "field-sales", Active = false } }, RevOps);

        var expected = created.Clone();
        (expected.DisplayName, expected.Team, expected.Active, expected.Etag, expected.UpdateTime) = ("Ann New", "field-sales", false, "2", updated.UpdateTime);
        Assert.Equal(expected, updated);
    }

    [Fact]
    public async Task An_update_to_what_is_so_already_writes_nothing()
    {
        var created = await Client.CreateRepAsync(Ann(), RevOps);

        var updated = await Client.UpdateRepAsync(new UpdateRepRequest { Rep = created }, RevOps);

        Assert.Equal(created, updated);
        Assert.Equal(created, await Client.GetRepAsync(new GetRepRequest { Name = created.Name }, RevOps));
    }

    [Fact]
    public async Task Refuses_stale_etags_masks_of_no_field_and_empty_names()
    {
        var created = await Client.CreateRepAsync(Ann(), RevOps);
        async Task<SeenError> FailAsync(Rep rep, params string[] paths)
        {
            rep.Name = created.Name;
            return await GrpcAssert.FailsAsync(Client.UpdateRepAsync(
                new UpdateRepRequest { Rep = rep, UpdateMask = new FieldMask { Paths = { paths } } }, RevOps));
        }

        var stale = await FailAsync(new Rep { Etag = "7", Team = "a" });
        var noField = await FailAsync(new Rep(), "create_time");
        var noName = await FailAsync(new Rep(), "display_name");

        Assert.Equal((StatusCode.Aborted, "ETAG_STALE"), (stale.Code, stale.Reason));
        Assert.Equal((StatusCode.InvalidArgument, "update_mask"), (noField.Code, Assert.Single(noField.Violations).Field));
        Assert.Equal([new FieldProblem("rep.display_name", "is required")], noName.Violations);
        Assert.Equal(created, await Client.GetRepAsync(new GetRepRequest { Name = created.Name }, RevOps));
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var error = await GrpcAssert.FailsAsync(Client.CreateRepAsync(
            new CreateRepRequest { Rep = new Rep { Subject = new string('x', 201), Team = "Inside Sales" }, RequestId = "42" }, RevOps));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [
                new FieldProblem("rep.display_name", "is required"),
                new FieldProblem("request_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"),
                new FieldProblem("rep.subject", "must be at most 200 characters, and has 201"),
                new FieldProblem("rep.team", "must be in kebab case such as web-form, at most 63 characters"),
            ],
            error.Violations);
    }

    [Fact]
    public async Task Lists_in_the_order_in_which_they_were_added_in_pages()
    {
        List<Rep> reps = [];
        for (var i = 0; i < 5; i++)
        {
            reps.Add(await Client.CreateRepAsync(Ann($"rep-{i}"), RevOps));
        }

        List<Rep> listed = [];
        var page = new ListRepsResponse();
        do
        {
            page = await Client.ListRepsAsync(new ListRepsRequest { PageSize = 2, PageToken = page.NextPageToken }, ServiceProcess.As(_tenant, "sales"));
            Assert.InRange(page.Reps.Count, 1, 2);
            listed.AddRange(page.Reps);
        }
        while (page.NextPageToken.Length > 0);

        Assert.Equal(reps, listed);
    }

    [Fact]
    public async Task What_waits_is_dealt_out_when_a_rep_becomes_active()
    {
        var asleep = Ann();
        asleep.Rep.Active = false;
        var rep = await Client.CreateRepAsync(asleep, RevOps);
        var (first, second) = (await fixture.QueueAsync(_tenant), await fixture.QueueAsync(_tenant));
        Assert.Equal(("", ""), (first.Owner, second.Owner));

        await Client.UpdateRepAsync(new UpdateRepRequest { Rep = new Rep { Name = rep.Name, Active = true } }, RevOps);

        foreach (var queued in new[] { first, second })
        {
            var assigned = await Client.GetHandoffAsync(new GetHandoffRequest { Name = queued.Name }, RevOps);
            var expected = queued.Clone();
            (expected.Owner, expected.AssignTime, expected.Etag) = (rep.Name, assigned.AssignTime, "2");
            Assert.Equal(expected, assigned);
        }
        await Eventually.EqualAsync(2, () => Task.FromResult(fixture.Assignments(_tenant).Count));
        Assert.All(fixture.Assignments(_tenant), told => Assert.Equal(
            (rep.Name, "", "inside-sales", AssignmentCause.RoundRobin), (told.Owner, told.PreviousOwner, told.Team, told.Cause)));
        Assert.All(fixture.Assignments(_tenant), told => Assert.DoesNotContain("Ann", told.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_rep_gets_what_waits_too()
    {
        var queued = await fixture.QueueAsync(_tenant);

        var rep = await Client.CreateRepAsync(Ann(), RevOps);

        Assert.Equal(rep.Name, (await Client.GetHandoffAsync(new GetHandoffRequest { Name = queued.Name }, RevOps)).Owner);
    }
}
