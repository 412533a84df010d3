using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class LeadsTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    static CreateLeadRequest Ada(string email = "Ada@Example.com") => new()
    {
        Lead = new Lead
        {
            Person = new Person { Email = email, GivenName = "Ada", FamilyName = "Lovelace", Phone = "+44 1", Company = "Analytical" },
            Channel = "web-form",
            Source = "newsletter",
            Campaign = "spring",
            Profile = new Profile { Segment = "enterprise", RegionCode = "GB", Industry = "software", EmployeeCount = 12, JobLevel = "c-level", Product = "engine" },
        },
    };

    [Fact]
    public async Task Creates_a_lead_and_reads_it_back()
    {
        var created = await intake.Client.CreateLeadAsync(Ada(), Marketing);

        Assert.Equal(CreateLeadResponse.Types.Disposition.Created, created.Disposition);
        Assert.Equal(created.Lead, await intake.Client.GetLeadAsync(new GetLeadRequest { Name = created.Lead.Name }, Marketing));
        var expected = Ada().Lead;
        expected.Person.Email = "ada@example.com";
        (expected.Name, expected.Journey) = (created.Lead.Name, created.Lead.Journey);
        (expected.CreateTime, expected.UpdateTime) = (created.Lead.CreateTime, created.Lead.CreateTime);
        (expected.State, expected.Stage, expected.Etag) = (LeadState.Active, Stage.Lead, "1");
        Assert.Equal(expected, created.Lead);
    }

    [Fact]
    public async Task Tells_the_ledger_and_the_others_without_personal_data()
    {
        var created = (await intake.Client.CreateLeadAsync(Ada(), Marketing)).Lead;

        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count));
        var row = intake.Rows(_tenant)[0];
        Assert.Equal(
            new StageChanged
            {
                TransitionId = row.TransitionId,
                Lead = created.Name,
                Journey = created.Journey,
                To = Stage.Lead,
                OccurTime = created.CreateTime,
                SourceSeq = 1,
                Origin = Origin.Live,
                Actor = "user:tester",
                Dimensions = new Dimensions
                {
                    Channel = "web-form",
                    Source = "newsletter",
                    Campaign = "spring",
                    Segment = "enterprise",
                    Region = "GB",
                    Product = "engine",
                    Motion = "new",
                },
            },
            row);
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Changes(_tenant).Count));
        var changed = intake.Changes(_tenant)[0];
        Assert.Equal((created.Name, 1L, "web-form", created.Profile), (changed.Lead, changed.Version, changed.Channel, changed.Profile));
        foreach (var secret in new[] { "ada@", "Lovelace", "+44", "Analytical" })
        {
            Assert.DoesNotContain(secret, changed.ToString() + row, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Finds_the_same_person_by_normalised_email()
    {
        var first = await intake.Client.CreateLeadAsync(Ada("ada@example.com"), Marketing);

        var second = await intake.Client.CreateLeadAsync(Ada(" ADA@example.com "), Marketing);

        Assert.Equal((CreateLeadResponse.Types.Disposition.Existing, "email", first.Lead), (second.Disposition, second.Rule, second.Lead));
    }

    [Fact]
    public async Task Finds_the_same_person_by_external_id_first()
    {
        var byId = Ada("one@example.com");
        byId.Lead.ExternalId = "crm-1";
        var first = await intake.Client.CreateLeadAsync(byId, Marketing);
        await intake.Client.CreateLeadAsync(Ada("two@example.com"), Marketing);

        var both = Ada("two@example.com");
        both.Lead.ExternalId = "crm-1";
        var third = await intake.Client.CreateLeadAsync(both, Marketing);

        Assert.Equal((CreateLeadResponse.Types.Disposition.Existing, "external_id", first.Lead.Name), (third.Disposition, third.Rule, third.Lead.Name));
    }

    [Fact]
    public async Task Another_tenant_has_people_of_its_own()
    {
        var ours = await intake.Client.CreateLeadAsync(Ada(), Marketing);
        var stranger = ServiceProcess.As(IntakeFixture.NewTenant(), "marketing");

        var theirs = await intake.Client.CreateLeadAsync(Ada(), stranger);

        Assert.Equal(CreateLeadResponse.Types.Disposition.Created, theirs.Disposition);
        Assert.NotEqual(ours.Lead.Name, theirs.Lead.Name);
        var error = await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(new GetLeadRequest { Name = ours.Lead.Name }, stranger));
        Assert.Equal((StatusCode.NotFound, "LEAD_NOT_FOUND", ours.Lead.Name), (error.Code, error.Reason, error.Metadata["name"]));
    }

    [Fact]
    public async Task A_retry_answers_with_the_lead_as_it_is_now()
    {
        var request = Ada();
        request.RequestId = Guid.NewGuid().ToString();
        var created = await intake.Client.CreateLeadAsync(request, Marketing);
        var changed = await intake.Client.UpdateLeadAsync(
            new UpdateLeadRequest { Lead = new Lead { Name = created.Lead.Name, Campaign = "autumn" } }, Marketing);

        var retried = await intake.Client.CreateLeadAsync(request, Marketing);

        Assert.Equal((CreateLeadResponse.Types.Disposition.Created, changed), (retried.Disposition, retried.Lead));
    }

    [Fact]
    public async Task A_request_id_with_another_body_is_refused()
    {
        var request = Ada();
        request.RequestId = Guid.NewGuid().ToString();
        await intake.Client.CreateLeadAsync(request, Marketing);
        request.Lead.Campaign = "other";

        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(request, Marketing));

        Assert.Equal((StatusCode.InvalidArgument, "REQUEST_ID_REUSED", request.RequestId), (error.Code, error.Reason, error.Metadata["request_id"]));
    }

    [Fact]
    public async Task Twenty_overlapping_retries_make_one_lead_and_one_row()
    {
        var request = Ada();
        request.RequestId = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => intake.Client.CreateLeadAsync(request, Marketing).ResponseAsync));

        Assert.Single(answers.Select(answer => answer.ToString()).Distinct());
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Changes(_tenant).Count));
        await using var count = intake.Service.Admin.CreateCommand($"SELECT count(*) FROM leads WHERE tenant_id = '{_tenant}'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_burst_of_new_and_known_leads_is_answered_one_by_one_and_told_of_once_each()
    {
        var known = await intake.Client.CreateLeadAsync(Ada("known@example.com"), Marketing);
        var requests = Enumerable.Range(0, 200).Select(n => n % 20 == 0 ? Ada("known@example.com") : Ada($"{n}@example.com")).ToList();
        requests.ForEach(request => request.RequestId = Guid.NewGuid().ToString());

        var answers = await Task.WhenAll(requests.Select(request => intake.Client.CreateLeadAsync(request, Marketing).ResponseAsync));

        Assert.Equal(
            requests.Select(request => request.Lead.Person.Email),
            answers.Select(answer => answer.Lead.Person.Email));
        Assert.All(answers.Where((_, n) => n % 20 == 0), answer => Assert.Equal((known.Lead.Name, "email"), (answer.Lead.Name, answer.Rule)));
        var names = answers.Select(answer => answer.Lead.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(191, names.Count);
        await Eventually.EqualAsync(names.Count, () => Task.FromResult(intake.Rows(_tenant).Count));
        Assert.Equal(names, intake.Rows(_tenant).Select(row => row.Lead).Order(StringComparer.Ordinal));
        await Eventually.EqualAsync(names.Count, () => Task.FromResult(intake.Changes(_tenant).Count));
        Assert.Equal(names, intake.Changes(_tenant).Select(change => change.Lead).Order(StringComparer.Ordinal));
        // And a second time, as if every answer had been lost.
        var again = await Task.WhenAll(requests.Select(request => intake.Client.CreateLeadAsync(request, Marketing).ResponseAsync));
        Assert.Equal(answers, again);
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var request = new CreateLeadRequest
        {
            RequestId = "42",
            Lead = new Lead
            {
                Person = new Person { Email = "nobody", GivenName = new string('x', 201) },
                Channel = "Web Form",
                Profile = new Profile { RegionCode = "nl", EmployeeCount = -1 },
            },
        };

        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(request, Marketing));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [
                new FieldProblem("request_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"),
                new FieldProblem("lead.person.email", "must be an address such as ada@example.com, at most 254 characters"),
                new FieldProblem("lead.person.given_name", "must be at most 200 characters, and has 201"),
                new FieldProblem("lead.channel", "must be in kebab case such as web-form, at most 63 characters"),
                new FieldProblem("lead.profile.region_code", "must be a CLDR region code such as NL"),
                new FieldProblem("lead.profile.employee_count", "must not be negative"),
            ],
            error.Violations);
    }

    [Fact]
    public async Task Refuses_a_character_that_no_database_keeps()
    {
        var lead = (await intake.Client.CreateLeadAsync(Ada(), Marketing)).Lead;

        var error = await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "a\0b" }, Marketing));

        Assert.Equal([new FieldProblem("reason", "must not have the character U+0000")], error.Violations);
    }

    [Fact]
    public async Task Needs_an_email_or_an_external_id()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { Channel = "web-form" } }, Marketing));

        Assert.Equal([new FieldProblem("lead.person.email", "is required, unless lead.external_id is set")], error.Violations);
    }

    [Fact]
    public async Task Lists_newest_first_in_pages()
    {
        List<string> names = [];
        for (var i = 0; i < 5; i++)
        {
            names.Insert(0, (await intake.Client.CreateLeadAsync(Ada($"{i}@example.com"), Marketing)).Lead.Name);
        }

        List<string> listed = [];
        var page = new ListLeadsResponse();
        do
        {
            page = await intake.Client.ListLeadsAsync(new ListLeadsRequest { PageSize = 2, PageToken = page.NextPageToken }, Marketing);
            Assert.InRange(page.Leads.Count, 1, 2);
            listed.AddRange(page.Leads.Select(lead => lead.Name));
        }
        while (page.NextPageToken.Length > 0);

        Assert.Equal(names, listed);
    }

    [Fact]
    public async Task Refuses_an_external_id_of_white_space_alone()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { ExternalId = " \t" } }, Marketing));

        Assert.Equal([new FieldProblem("lead.external_id", "must not be white space alone")], error.Violations);
    }
}
