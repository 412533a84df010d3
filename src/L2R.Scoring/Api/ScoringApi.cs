using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Owners;
using L2R.Scoring.Storage;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;

namespace L2R.Scoring.Api;

/// <summary>The gRPC face of the service: read the request, act, answer. Rules are in Domain, SQL in Storage.</summary>
[Authorize(Roles = Roles.Readers)]
sealed class ScoringApi(PolicyStore policies, ScoreStore scores, ImportServer imports, JourneyImport journeyImport, TimeProvider clock)
    : ScoringService.ScoringServiceBase
{
    const string ErrorDomain = "scoring.l2r";

    public override async Task<Score> GetScore(GetScoreRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        Guid? journeyId = null, leadId = null;
        switch (request.WhichCase)
        {
            case GetScoreRequest.WhichOneofCase.Name:
                journeyId = problems.Name("name", request.Name, "scores");
                break;
            case GetScoreRequest.WhichOneofCase.Lead:
                leadId = problems.Name("lead", request.Lead, "leads");
                break;
            default:
                problems.Add(new("name", "is required, unless lead is set"));
                break;
        }
        problems.ThrowIfAny(ErrorDomain);
        var score = journeyId is { } journey
            ? await scores.FindAsync(context.Tenant(), journey, context.CancellationToken)
            : (await scores.ListAsync(context.Tenant(), before: null, leadId, limit: 1, context.CancellationToken)).SingleOrDefault();
        return score is not null
            ? ScoreMapping.ToProto(score)
            : throw ScoreNotFound(journeyId is null ? request.Lead : request.Name);
    }

    public override async Task<ListScoresResponse> ListScores(ListScoresRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        var leadId = request.Lead.Length == 0 ? null : problems.Name("lead", request.Lead, "leads");
        problems.ThrowIfAny(ErrorDomain);

        var rows = await scores.ListAsync(context.Tenant(), page.Start, leadId, page.Limit, context.CancellationToken);
        return new ListScoresResponse
        {
            Scores = { rows.Take(page.Size).Select(ScoreMapping.ToProto) },
            NextPageToken = page.NextToken(rows, score => (score.CreateTime, score.JourneyId)),
        };
    }

    public override async Task<ScoringPolicy> GetScoringPolicy(GetScoringPolicyRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var version = problems.Count > 0 || request.Name == PolicyNames.Active ? null : problems.Policy("name", request.Name);
        problems.ThrowIfAny(ErrorDomain);
        return await policies.FindAsync(context.Tenant(), version, clock.GetStorableNow(), context.CancellationToken) is { } policy
            ? PolicyMapping.ToProto(policy)
            : throw PolicyNotFound(request.Name);
    }

    public override async Task<ListScoringPoliciesResponse> ListScoringPolicies(ListScoringPoliciesRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var rows = await policies.ListAsync(context.Tenant(), page.Start, page.Limit, clock.GetStorableNow(), context.CancellationToken);
        return new ListScoringPoliciesResponse
        {
            ScoringPolicies = { rows.Take(page.Size).Select(PolicyMapping.ToProto) },
            NextPageToken = page.NextToken(rows, policy => (policy.CreateTime, policy.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<ScoringPolicy> CreateScoringPolicy(CreateScoringPolicyRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.ScoringPolicy ?? new();
        problems.Check(wanted);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await policies.CreateAsync(
            context.Tenant(), requestId, RequestLog.Fingerprint(context.Method, request), PolicyMapping.ToHeader(wanted), PolicyMapping.ToRules(wanted), clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, wanted.Name, request.RequestId);
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<ScoringPolicy> ActivateScoringPolicy(ActivateScoringPolicyRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var version = problems.Policy("name", request.Name);
        var revision = Etag.Read(request.Etag);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await policies.ActivateAsync(
            context.Tenant(), context.Actor(), version!.Value, revision, requestId, RequestLog.Fingerprint(context.Method, request), clock.GetStorableNow(), context.CancellationToken);
        return Answer(outcome, request.Name, request.RequestId);
    }

    [Authorize(Roles = Roles.Operators)]
    public override Task ImportTransitions(
        IAsyncStreamReader<ImportTransitionsRequest> requestStream, IServerStreamWriter<ImportTransitionsResponse> responseStream, ServerCallContext context) =>
        imports.RunAsync(Owner.Scoring, ErrorDomain, requestStream, responseStream, context, journeyImport.ApplyAsync);

    static ScoringPolicy Answer(PolicyOutcome outcome, string name, string requestId) => outcome switch
    {
        PolicyOutcome.Done(var policy) => PolicyMapping.ToProto(policy),
        PolicyOutcome.NotFound => throw PolicyNotFound(name),
        PolicyOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, name),
        PolicyOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        PolicyOutcome.NotDraft(var state) => throw ApiErrors.Create(
            StatusCode.FailedPrecondition, ErrorDomain, "SCORING_POLICY_NOT_DRAFT",
            $"'{name.Echo()}' is {state.ToString().ToLowerInvariant()}, and only a draft is activated. Create a draft with its rules, and activate that.",
            ("name", name), ("state", state.ToString().ToUpperInvariant())),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException ScoreNotFound(string name) => ApiErrors.Create(
        StatusCode.NotFound, ErrorDomain, "SCORE_NOT_FOUND",
        $"There is no score of '{name}'. A new lead's is there within about a second; an imported journey has none.", ("name", name));

    static RpcException PolicyNotFound(string name) => ApiErrors.NotFound(ErrorDomain, "SCORING_POLICY_NOT_FOUND", name);
}
