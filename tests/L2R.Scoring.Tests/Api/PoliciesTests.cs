using Grpc.Core;
using L2R.Policy.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class PoliciesTests(ScoringFixture scoring)
{
    readonly string _tenant = ScoringFixture.NewTenant();

    CallOptions RevOps => ServiceProcess.As(_tenant, "revops");

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    async Task<ScoringPolicy> GetAsync(string name) => await scoring.Client.GetScoringPolicyAsync(new GetScoringPolicyRequest { Name = name }, Sales);

    async Task<ScoringPolicy> CreateAsync(string name = "Webinar scoring") =>
        await scoring.Client.CreateScoringPolicyAsync(new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft(name) }, RevOps);

    AsyncUnaryCall<ScoringPolicy> Activate(string name, string etag = "", string requestId = "") =>
        scoring.Client.ActivateScoringPolicyAsync(new ActivateScoringPolicyRequest { Name = name, Etag = etag, RequestId = requestId }, RevOps);

    [Fact]
    public async Task A_tenant_starts_with_the_default()
    {
        var active = await GetAsync("scoringPolicies/active");

        Assert.Equal(
            ("scoringPolicies/1", PolicyState.Active, 50, 7, 8, "Default scoring", "1"),
            (active.Name, active.State, active.Threshold, active.FitRules.Count, active.EngagementRules.Count, active.Header.DisplayName, active.Etag));
        Assert.Equal(active.CreateTime, active.ActivateTime);
        Assert.Equal(active, await GetAsync("scoringPolicies/1"));
    }

    [Fact]
    public async Task Keeps_a_draft_as_it_was_sent()
    {
        var draft = await CreateAsync();

        var expected = Policies.Draft();
        expected.Name = "scoringPolicies/2";
        expected.State = PolicyState.Draft;
        expected.CreateTime = draft.CreateTime;
        expected.Etag = "1";
        Assert.Equal(expected, draft);
        Assert.Equal(expected, await GetAsync("scoringPolicies/2"));
        Assert.Equal("scoringPolicies/1", (await GetAsync("scoringPolicies/active")).Name);
    }

    [Fact]
    public async Task A_draft_that_is_activated_retires_the_version_before_and_is_announced()
    {
        var draft = await CreateAsync();

        var active = await Activate(draft.Name, draft.Etag);

        Assert.Equal((PolicyState.Active, "2"), (active.State, active.Etag));
        Assert.Equal(active, await GetAsync("scoringPolicies/active"));
        var retired = await GetAsync("scoringPolicies/1");
        Assert.Equal((PolicyState.Retired, active.ActivateTime, "2"), (retired.State, retired.RetireTime, retired.Etag));
        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Bus.Messages<ScoringPolicyActivated>(e => e.Tenant == _tenant).Count));
        var told = scoring.Bus.Messages<ScoringPolicyActivated>(e => e.Tenant == _tenant)[0];
        Assert.Equal(
            new ScoringPolicyActivated
            {
                EventId = told.EventId,
                EventTime = active.ActivateTime,
                Tenant = _tenant,
                ScoringPolicy = "scoringPolicies/2",
                Replaced = "scoringPolicies/1",
                DisplayName = "Webinar scoring",
                Owner = "marketing operations",
                Reason = "Webinars bring customers.",
                Actor = "user:tester",
            },
            told);
    }

    [Fact]
    public async Task What_decided_once_is_not_activated_again()
    {
        await Activate((await CreateAsync()).Name);

        foreach (var (name, state) in (IReadOnlyList<(string, string)>)[("scoringPolicies/1", "RETIRED"), ("scoringPolicies/2", "ACTIVE")])
        {
            var error = await GrpcAssert.FailsAsync(Activate(name));
            Assert.Equal(
                (StatusCode.FailedPrecondition, "SCORING_POLICY_NOT_DRAFT", name, state),
                (error.Code, error.Reason, error.Metadata["name"], error.Metadata["state"]));
        }
    }

    [Fact]
    public async Task A_stale_etag_is_refused()
    {
        var draft = await CreateAsync();

        var error = await GrpcAssert.FailsAsync(Activate(draft.Name, etag: "7"));

        Assert.Equal((StatusCode.Aborted, "ETAG_STALE", draft.Name), (error.Code, error.Reason, error.Metadata["name"]));
        Assert.Equal(PolicyState.Draft, (await GetAsync(draft.Name)).State);
    }

    [Fact]
    public async Task A_retry_answers_with_the_policy_as_it_is_now()
    {
        var create = new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft(), RequestId = Guid.NewGuid().ToString() };
        var created = await scoring.Client.CreateScoringPolicyAsync(create, RevOps);
        var activation = Guid.NewGuid().ToString();

        var activated = await Activate(created.Name, created.Etag, activation);
        var activatedAgain = await Activate(created.Name, created.Etag, activation);
        var createdAgain = await scoring.Client.CreateScoringPolicyAsync(create, RevOps);

        Assert.Equal(activated, activatedAgain);
        Assert.Equal(activated, createdAgain);
        Assert.Equal(2, (await scoring.Client.ListScoringPoliciesAsync(new(), Sales)).ScoringPolicies.Count);
    }

    [Fact]
    public async Task A_request_id_of_another_request_is_refused()
    {
        var create = new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft(), RequestId = Guid.NewGuid().ToString() };
        var created = await scoring.Client.CreateScoringPolicyAsync(create, RevOps);
        create.ScoringPolicy.Threshold++;

        foreach (var call in (IReadOnlyList<AsyncUnaryCall<ScoringPolicy>>)[scoring.Client.CreateScoringPolicyAsync(create, RevOps), Activate(created.Name, requestId: create.RequestId)])
        {
            var error = await GrpcAssert.FailsAsync(call);
            Assert.Equal(
                (StatusCode.InvalidArgument, "REQUEST_ID_REUSED", create.RequestId),
                (error.Code, error.Reason, error.Metadata["request_id"]));
        }
    }

    [Fact]
    public async Task Overlapping_retries_make_one_draft_and_overlapping_drafts_a_version_each()
    {
        var retried = new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft(), RequestId = Guid.NewGuid().ToString() };

        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            scoring.Client.CreateScoringPolicyAsync(i % 2 == 0 ? retried : new() { ScoringPolicy = Policies.Draft() }, RevOps).ResponseAsync));

        Assert.Single(created.Where((_, i) => i % 2 == 0).Select(policy => policy.Name).Distinct());
        Assert.Equal(
            Enumerable.Range(2, 11).Select(version => $"scoringPolicies/{version}"),
            created.Select(policy => policy.Name).Distinct().OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Overlapping_activations_leave_one_active_version()
    {
        var drafts = new List<ScoringPolicy>();
        for (var i = 0; i < 5; i++)
        {
            drafts.Add(await CreateAsync());
        }

        await Task.WhenAll(drafts.Select(draft => Activate(draft.Name).ResponseAsync));

        var states = (await scoring.Client.ListScoringPoliciesAsync(new(), Sales)).ScoringPolicies.Select(policy => policy.State).ToList();
        Assert.Equal((1, 5), (states.Count(state => state == PolicyState.Active), states.Count(state => state == PolicyState.Retired)));
    }

    [Fact]
    public async Task Lists_versions_newest_first_in_pages()
    {
        for (var i = 0; i < 4; i++)
        {
            await CreateAsync();
        }
        List<string> names = [];
        var request = new ListScoringPoliciesRequest { PageSize = 2 };
        do
        {
            var page = await scoring.Client.ListScoringPoliciesAsync(request, Sales);
            names.AddRange(page.ScoringPolicies.Select(policy => policy.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["scoringPolicies/5", "scoringPolicies/4", "scoringPolicies/3", "scoringPolicies/2", "scoringPolicies/1"], names);
    }

    [Fact]
    public async Task A_policy_that_is_not_there_or_another_tenants_is_not_found()
    {
        var draft = await CreateAsync();
        var other = ServiceProcess.As(ScoringFixture.NewTenant(), "revops");

        foreach (var call in (IReadOnlyList<AsyncUnaryCall<ScoringPolicy>>)[
            scoring.Client.GetScoringPolicyAsync(new GetScoringPolicyRequest { Name = draft.Name }, other),
            scoring.Client.ActivateScoringPolicyAsync(new ActivateScoringPolicyRequest { Name = draft.Name }, other)])
        {
            var error = await GrpcAssert.FailsAsync(call);
            Assert.Equal((StatusCode.NotFound, "SCORING_POLICY_NOT_FOUND", draft.Name), (error.Code, error.Reason, error.Metadata["name"]));
        }
    }

    [Fact]
    public async Task Whoever_is_no_operator_reads_only()
    {
        foreach (var role in (IReadOnlyList<string>)["marketing", "sales"])
        {
            var call = ServiceProcess.As(_tenant, role);
            var create = await GrpcAssert.FailsAsync(scoring.Client.CreateScoringPolicyAsync(new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft() }, call));
            var activate = await GrpcAssert.FailsAsync(scoring.Client.ActivateScoringPolicyAsync(new ActivateScoringPolicyRequest { Name = "scoringPolicies/1" }, call));

            Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (create.Code, create.Reason));
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (activate.Code, activate.Reason));
        }
        Assert.Single((await scoring.Client.ListScoringPoliciesAsync(new(), Sales)).ScoringPolicies);
    }
}
