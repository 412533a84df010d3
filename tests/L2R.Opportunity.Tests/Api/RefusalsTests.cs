using Google.Protobuf;
using Grpc.Core;
using L2R.Opportunity.V1;
using L2R.TestSupport;

namespace L2R.Opportunity.Tests.Api;

/// <summary>What every service refuses before its own rules are asked.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RefusalsTests(OpportunityFixture service)
{
    static readonly GetOpportunityRequest Any = new() { Name = $"opportunities/{Guid.NewGuid():D}" };

    [Fact]
    public async Task A_call_without_a_token()
    {
        var error = await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(Any, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), (error.Code, error.Reason));
    }

    public static TheoryData<string> BadTokens => [
        "not-a-token",
        TestTokens.Expired("acme", "admin"),
        TestTokens.Forged("acme", "admin"),
        TestTokens.Issue("Not A Tenant", "admin"),
    ];

    [Theory]
    [MemberData(nameof(BadTokens), DisableDiscoveryEnumeration = true)]
    public async Task A_token_that_is_not_valid(string token)
    {
        var error = await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(Any, ServiceProcess.With(token)));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task A_role_that_may_read_and_not_write()
    {
        var marketing = ServiceProcess.As("acme", "marketing");

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(new CreateOpportunityRequest(), marketing)),
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest(), marketing)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest(), marketing)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest(), marketing)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest(), marketing)),
        ];
        var read = await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(Any, marketing));

        Assert.All(errors, error => Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (error.Code, error.Reason)));
        Assert.Equal((StatusCode.NotFound, "OPPORTUNITY_NOT_FOUND"), (read.Code, read.Reason));
    }

    [Fact]
    public async Task An_import_by_sales()
    {
        using var call = service.Client.ImportTransitions(ServiceProcess.As("acme", "sales"));

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        var error = GrpcAssert.Read(exception);
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task A_field_that_this_version_does_not_know()
    {
        // Field 99, as a newer contract may have it.
        byte[] unknown = [.. Any.ToByteArray(), 0x9A, 0x06, 0x01, 0x78];

        var error = await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(GetOpportunityRequest.Parser.ParseFrom(unknown), ServiceProcess.As("acme", "sales")));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_UNKNOWN", "l2r.opportunity.v1.GetOpportunityRequest"), (error.Code, error.Reason, error.Metadata["message"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("opportunities/1")]
    [InlineData("leads/01900000-0000-7000-8000-000000000001")]
    public async Task A_name_that_is_none(string name)
    {
        var error = await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = name }, ServiceProcess.As("acme", "sales")));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID", "name"), (error.Code, error.Reason, Assert.Single(error.Violations).Field));
    }
}
