using Google.Protobuf;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

/// <summary>What every service refuses before its own rules are asked.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RefusalsTests(IntakeFixture intake)
{
    static readonly GetLeadRequest AnyLead = new() { Name = $"leads/{Guid.NewGuid():D}" };

    [Fact]
    public async Task A_call_without_a_token()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(AnyLead, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), (error.Code, error.Reason));
        Assert.Contains("authorization: Bearer", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BadTokens => new()
    {
        { "not-a-token", "UNREADABLE", "it cannot be read" },
        { TestTokens.Expired("acme", "admin"), "EXPIRED", "it has expired" },
        { TestTokens.Forged("acme", "admin"), "SIGNATURE", "its signature does not verify" },
        { TestTokens.ForOthers("acme", "admin"), "AUDIENCE", "it is for another audience" },
        { TestTokens.ByOthers("acme", "admin"), "ISSUER", "it is from another issuer" },
        { TestTokens.Issue("Not A Tenant", "admin"), "TENANT", "The token has no valid 'tenant' claim." },
    };

    [Theory]
    [MemberData(nameof(BadTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_token_that_is_not_valid(string token, string cause, string why)
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(AnyLead, ServiceProcess.With(token)));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID", cause), (error.Code, error.Reason, error.Metadata["cause"]));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(new CreateLeadRequest(), ServiceProcess.As("acme", "sales")));

        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_MISSING", "marketing,revops,admin,service"), (error.Code, error.Reason, error.Metadata["roles"]));
        Assert.Contains("marketing,revops,admin,service", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("operator")] // sees what failed, and no leads
    [InlineData("king")]
    [InlineData]
    public async Task A_role_that_may_not_even_read(params string[] roles)
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(AnyLead, ServiceProcess.As("acme", roles)));

        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_MISSING", "marketing,sales,revops,admin,service"), (error.Code, error.Reason, error.Metadata["roles"]));
    }

    [Theory]
    [InlineData("marketing")]
    [InlineData("sales")]
    [InlineData("revops")]
    [InlineData("admin")]
    [InlineData("service")]
    [InlineData("operator", "sales")]
    public async Task Whoever_works_for_the_tenant_may_read(params string[] roles) =>
        Assert.Equal("LEAD_NOT_FOUND", (await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(AnyLead, ServiceProcess.As("acme", roles)))).Reason);

    [Fact]
    public async Task A_field_that_this_version_does_not_know()
    {
        // Field 99 of the lead, as a newer contract may have it.
        byte[] unknown = [.. new CreateLeadRequest { Lead = new Lead { ExternalId = "1" } }.ToByteArray(), 0x0A, 0x04, 0x9A, 0x06, 0x01, 0x78];
        var request = CreateLeadRequest.Parser.ParseFrom(unknown);

        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(request, ServiceProcess.As("acme", "marketing")));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_UNKNOWN", "l2r.intake.v1.CreateLeadRequest"), (error.Code, error.Reason, error.Metadata["message"]));
    }

    [Fact]
    public async Task A_service_that_is_not_served_here()
    {
        var elsewhere = new ScoringService.ScoringServiceClient(intake.Service.Channel);

        var error = await GrpcAssert.FailsAsync(elsewhere.GetScoreAsync(new GetScoreRequest(), ServiceProcess.As("acme", "sales")));

        Assert.Equal(
            (StatusCode.Unimplemented, "METHOD_UNKNOWN", "/l2r.scoring.v1.ScoringService/GetScore"), (error.Code, error.Reason, error.Metadata["method"]));
    }

    [Fact]
    public async Task A_message_over_4_MiB()
    {
        var request = new CreateLeadRequest { Lead = new Lead { ExternalId = new string('x', 5 * 1024 * 1024) } };

        var error = await GrpcAssert.FailsAsync(intake.Client.CreateLeadAsync(request, ServiceProcess.As("acme", "marketing")));

        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), (error.Code, error.Reason));
        Assert.Contains("4 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_needs_a_token_to_ask_how_the_service_is()
    {
        var health = await new Grpc.Health.V1.Health.HealthClient(intake.Service.Channel).CheckAsync(new(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task An_empty_request_with_each_missing_field_once()
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest(), ServiceProcess.As("acme", "marketing")));

        Assert.Equal([new FieldProblem("name", "is required"), new FieldProblem("reason", "is required")], error.Violations);
        Assert.Equal("One or more fields are invalid: name is required; reason is required.", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("leads")]
    [InlineData("leads/1")]
    [InlineData("lead/01900000-0000-7000-8000-000000000001")]
    public async Task A_name_that_is_none(string name)
    {
        var error = await GrpcAssert.FailsAsync(intake.Client.GetLeadAsync(new GetLeadRequest { Name = name }, ServiceProcess.As("acme", "sales")));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID", "name"), (error.Code, error.Reason, Assert.Single(error.Violations).Field));
    }
}
