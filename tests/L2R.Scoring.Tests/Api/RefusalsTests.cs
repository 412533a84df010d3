using Google.Protobuf;
using Grpc.Core;
using L2R.Scoring.V1;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

/// <summary>What is refused before the service's own rules are asked.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RefusalsTests(ScoringFixture scoring)
{
    static readonly GetScoringPolicyRequest Active = new() { Name = "scoringPolicies/active" };

    [Fact]
    public async Task A_call_without_a_token()
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoringPolicyAsync(Active, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), (error.Code, error.Reason));
    }

    public static TheoryData<string> BadTokens =>
        ["not-a-token", TestTokens.Expired("acme", "admin"), TestTokens.Forged("acme", "admin"), TestTokens.Issue("Not A Tenant", "admin")];

    [Theory]
    [MemberData(nameof(BadTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_token_that_is_not_valid(string token)
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoringPolicyAsync(Active, ServiceProcess.With(token)));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task A_field_that_this_version_does_not_know()
    {
        // Field 99 of the policy, as a newer contract may have it.
        byte[] unknown = [.. new CreateScoringPolicyRequest { ScoringPolicy = Policies.Draft() }.ToByteArray(), 0x0A, 0x04, 0x9A, 0x06, 0x01, 0x78];

        var error = await GrpcAssert.FailsAsync(scoring.Client.CreateScoringPolicyAsync(
            CreateScoringPolicyRequest.Parser.ParseFrom(unknown), ServiceProcess.As("acme", "revops")));

        Assert.Equal(
            (StatusCode.InvalidArgument, "FIELDS_UNKNOWN", "l2r.scoring.v1.CreateScoringPolicyRequest"),
            (error.Code, error.Reason, error.Metadata["message"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("scoringPolicies")]
    [InlineData("scoringPolicies/")]
    [InlineData("scoringPolicies/-1")]
    [InlineData("scoringPolicies/Active")]
    [InlineData("policies/1")]
    public async Task A_name_that_is_none(string name)
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoringPolicyAsync(new() { Name = name }, ServiceProcess.As("acme", "sales")));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID", "name"), (error.Code, error.Reason, Assert.Single(error.Violations).Field));
    }

    [Fact]
    public async Task To_activate_whatever_is_active()
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.ActivateScoringPolicyAsync(
            new() { Name = Active.Name, RequestId = "x" }, ServiceProcess.As("acme", "revops")));

        Assert.Equal(["request_id", "name"], error.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task A_page_that_is_none()
    {
        var error = await GrpcAssert.FailsAsync(scoring.Client.ListScoringPoliciesAsync(
            new() { PageSize = -1, PageToken = "x" }, ServiceProcess.As("acme", "sales")));

        Assert.Equal(["page_size", "page_token"], error.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task An_import_by_whoever_is_no_operator()
    {
        using var call = scoring.Client.ImportTransitions(ServiceProcess.As("acme", "marketing"));

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        var error = GrpcAssert.Read(exception);
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (error.Code, error.Reason));
    }
}
