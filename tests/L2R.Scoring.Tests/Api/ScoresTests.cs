using Grpc.Core;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ScoresTests(ScoringFixture scoring)
{
    readonly string _tenant = ScoringFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    async Task<SomeLead> ScoredAsync(SomeLead? lead = null)
    {
        lead ??= new SomeLead(_tenant);
        await scoring.SayAsync(lead.Opened(), lead.Changed());
        await Eventually.IsTrueAsync("a score", async () =>
            (await scoring.Client.ListScoresAsync(new ListScoresRequest { Lead = lead.Name }, Marketing)).Scores.Any(score => score.Journey == lead.Journey));
        return lead;
    }

    [Fact]
    public async Task Finds_a_score_by_journey_and_the_newest_of_a_lead()
    {
        var first = await ScoredAsync();
        var second = await ScoredAsync(first with { JourneyId = Guid.NewGuid() });

        var byJourney = await scoring.Client.GetScoreAsync(new GetScoreRequest { Name = first.Score }, Marketing);
        var byLead = await scoring.Client.GetScoreAsync(new GetScoreRequest { Lead = first.Name }, Marketing);

        Assert.Equal(((string Journey, string Lead))(first.Journey, first.Name), (byJourney.Journey, byJourney.Lead));
        Assert.Equal(((string Journey, string Lead))(second.Journey, first.Name), (byLead.Journey, byLead.Lead));
    }

    [Fact]
    public async Task Lists_scores_newest_first_in_pages()
    {
        List<string> expected = [];
        for (var i = 0; i < 5; i++)
        {
            expected.Insert(0, (await ScoredAsync()).Score);
        }
        List<string> names = [];
        var request = new ListScoresRequest { PageSize = 2 };
        do
        {
            var page = await scoring.Client.ListScoresAsync(request, Marketing);
            Assert.All(page.Scores, score => Assert.Equal("segment-enterprise", Assert.Single(score.Contributions).Rule));
            names.AddRange(page.Scores.Select(score => score.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(expected, names);
    }

    [Fact]
    public async Task Lists_the_journeys_of_one_lead()
    {
        var first = await ScoredAsync();
        await ScoredAsync();
        var second = await ScoredAsync(first with { JourneyId = Guid.NewGuid() });

        var scores = (await scoring.Client.ListScoresAsync(new ListScoresRequest { Lead = first.Name }, Marketing)).Scores;

        Assert.Equal([second.Score, first.Score], scores.Select(score => score.Name));
    }

    [Fact]
    public async Task An_activation_counts_from_the_next_event_on_and_what_was_given_before_is_kept()
    {
        var revOps = ServiceProcess.As(_tenant, "revops");
        var lead = await ScoredAsync();
        var draft = await scoring.Client.CreateScoringPolicyAsync(new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft() }, revOps);
        await scoring.Client.ActivateScoringPolicyAsync(new ActivateScoringPolicyRequest { Name = draft.Name }, revOps);
        var before = await scoring.Client.GetScoreAsync(new GetScoreRequest { Name = lead.Score }, Marketing);

        var touch = lead.Touched("webinar-visit");
        await scoring.SayAsync(touch);
        await scoring.HandledAsync(touch);
        var after = await scoring.Client.GetScoreAsync(new GetScoreRequest { Name = lead.Score }, Marketing);

        Assert.Equal((15, 50, "scoringPolicies/1"), (before.Points, before.Threshold, before.PolicyVersion));
        Assert.Equal((20, 30, "scoringPolicies/2"), (after.Points, after.Threshold, after.PolicyVersion));
        Assert.Equal(
            [
                new Contribution { Rule = "benelux", Points = 10, Matched = "region_code is NL", PolicyVersion = "scoringPolicies/2" },
                new Contribution { Rule = "webinar", Points = 10, Matched = "1 × webinar-visit", PolicyVersion = "scoringPolicies/2" },
            ],
            after.Contributions);
        Assert.Equal(before.Contributions, after.EarlierContributions);
        Assert.Empty(scoring.Qualified(_tenant));
    }

    [Fact]
    public async Task A_score_that_is_not_there_or_another_tenants_is_not_found()
    {
        var lead = await ScoredAsync();
        var other = ServiceProcess.As(ScoringFixture.NewTenant(), "admin");

        foreach (var request in (IReadOnlyList<GetScoreRequest>)[new() { Name = lead.Score }, new() { Lead = lead.Name }])
        {
            var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoreAsync(request, other));
            Assert.Equal(
                (StatusCode.NotFound, "SCORE_NOT_FOUND", request.Name + request.Lead),
                (error.Code, error.Reason, error.Metadata["name"]));
        }
        Assert.Empty((await scoring.Client.ListScoresAsync(new ListScoresRequest { Lead = lead.Name }, other)).Scores);
    }

    [Fact]
    public async Task Names_the_fields_that_are_wrong()
    {
        foreach (var (request, problem) in (IReadOnlyList<(GetScoreRequest, FieldProblem)>)[
            (new(), new("name", "is required, unless lead is set")),
            (new() { Name = "scores/1" }, new("name", "must be of the form scores/{uuid}")),
            (new() { Lead = $"scores/{Guid.NewGuid()}" }, new("lead", "must be of the form leads/{uuid}"))])
        {
            var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoreAsync(request, Marketing));
            Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
            Assert.Equal([problem], error.Violations);
        }
        var list = await GrpcAssert.FailsAsync(scoring.Client.ListScoresAsync(new ListScoresRequest { PageSize = -1, PageToken = "x", Lead = "x" }, Marketing));
        Assert.Equal(["page_size", "page_token", "lead"], list.Violations.Select(violation => violation.Field));
    }
}
