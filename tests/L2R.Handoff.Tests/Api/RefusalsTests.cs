using Google.Protobuf;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RefusalsTests(HandoffFixture fixture)
{
    static readonly string NoHandoff = $"handoffs/{Guid.NewGuid():D}";
    static readonly string NoRep = $"reps/{Guid.NewGuid():D}";
    static readonly Qualification Nothing = new() { Need = new Criterion() };

    readonly string _tenant = HandoffFixture.NewTenant();

    HandoffService.HandoffServiceClient Client => fixture.Client;

    static CallOptions Anonymous => new(cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Every command on a handoff, with those arguments.</summary>
    static IEnumerable<(string Rpc, Func<CallOptions, Task<SeenError>> FailAsync)> Commands(
        HandoffService.HandoffServiceClient client, string name, string lead, string rep, string etag = "", string requestId = "")
    {
        yield return ("Accept", options => GrpcAssert.FailsAsync(client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = name, Etag = etag, RequestId = requestId }, options)));
        yield return ("Pull", options => GrpcAssert.FailsAsync(client.PullLeadAsync(new PullLeadRequest { Lead = lead, Etag = etag, RequestId = requestId }, options)));
        yield return ("Reject", options => GrpcAssert.FailsAsync(client.RejectHandoffAsync(new RejectHandoffRequest { Name = name, Reason = "x", Etag = etag, RequestId = requestId }, options)));
        yield return ("Qualify", options => GrpcAssert.FailsAsync(client.QualifyHandoffAsync(new QualifyHandoffRequest { Name = name, Qualification = Nothing, Etag = etag, RequestId = requestId }, options)));
        yield return ("Recycle", options => GrpcAssert.FailsAsync(client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = name, Reason = "x", Etag = etag, RequestId = requestId }, options)));
        yield return ("Disqualify", options => GrpcAssert.FailsAsync(client.DisqualifyHandoffAsync(new DisqualifyHandoffRequest { Name = name, Reason = "x", Etag = etag, RequestId = requestId }, options)));
        yield return ("Reopen", options => GrpcAssert.FailsAsync(client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = name, Reason = "x", Etag = etag, RequestId = requestId }, options)));
        yield return ("Assign", options => GrpcAssert.FailsAsync(client.AssignHandoffAsync(new AssignHandoffRequest { Name = name, Owner = rep, Etag = etag, RequestId = requestId }, options)));
    }

    /// <summary>Every other rpc that answers once.</summary>
    static IEnumerable<(string Rpc, Func<CallOptions, Task<SeenError>> FailAsync)> Others(HandoffService.HandoffServiceClient client)
    {
        yield return ("GetHandoff", options => GrpcAssert.FailsAsync(client.GetHandoffAsync(new GetHandoffRequest { Name = NoHandoff }, options)));
        yield return ("ListHandoffs", options => GrpcAssert.FailsAsync(client.ListHandoffsAsync(new ListHandoffsRequest(), options)));
        yield return ("GetRep", options => GrpcAssert.FailsAsync(client.GetRepAsync(new GetRepRequest { Name = NoRep }, options)));
        yield return ("ListReps", options => GrpcAssert.FailsAsync(client.ListRepsAsync(new ListRepsRequest(), options)));
        yield return ("CreateRep", options => GrpcAssert.FailsAsync(client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "x" } }, options)));
        yield return ("UpdateRep", options => GrpcAssert.FailsAsync(client.UpdateRepAsync(new UpdateRepRequest { Rep = new Rep { Name = NoRep } }, options)));
    }

    [Fact]
    public async Task Every_call_without_a_token_or_with_a_bad_one()
    {
        foreach (var (rpc, failAsync) in Commands(Client, NoHandoff, NoHandoff, NoRep).Concat(Others(Client)))
        {
            var missing = await failAsync(Anonymous);
            var expired = await failAsync(ServiceProcess.With(TestTokens.Expired("acme", "admin")));
            var forged = await failAsync(ServiceProcess.With(TestTokens.Forged("acme", "admin")));

            Assert.Equal((rpc, StatusCode.Unauthenticated, "TOKEN_MISSING"), (rpc, missing.Code, missing.Reason));
            Assert.Equal((rpc, StatusCode.Unauthenticated, "TOKEN_INVALID"), (rpc, expired.Code, expired.Reason));
            Assert.Equal((rpc, StatusCode.Unauthenticated, "TOKEN_INVALID"), (rpc, forged.Code, forged.Reason));
        }
    }

    [Fact]
    public async Task A_command_of_a_marketer()
    {
        foreach (var (rpc, failAsync) in Commands(Client, NoHandoff, NoHandoff, NoRep))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "marketing"));

            Assert.Equal((rpc, StatusCode.PermissionDenied, "ROLE_MISSING"), (rpc, error.Code, error.Reason));
            Assert.Contains("sales,revops,admin,service", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_seller_who_changes_reps_or_tells_history()
    {
        foreach (var (rpc, failAsync) in Others(Client).Where(other => other.Rpc is "CreateRep" or "UpdateRep"))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "sales"));

            Assert.Equal((rpc, StatusCode.PermissionDenied, "ROLE_MISSING"), (rpc, error.Code, error.Reason));
        }
        using var import = Client.ImportTransitions(ServiceProcess.As(_tenant, "sales"));
        var refused = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => import.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task What_was_not_heard_of_yet_with_when_to_try_again()
    {
        foreach (var (rpc, failAsync) in Commands(Client, NoHandoff, $"leads/{Guid.NewGuid():D}", NoRep))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "sales"));

            Assert.Equal(
                (rpc, StatusCode.FailedPrecondition, rpc == "Pull" ? "LEAD_NOT_HEARD_OF" : "HANDOFF_NOT_HEARD_OF", TimeSpan.FromSeconds(1)),
                (rpc, error.Code, error.Reason, error.RetryAfter));
        }
    }

    [Fact]
    public async Task Another_tenants_handoffs_and_reps()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var rep = await Client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "Ann" } }, ServiceProcess.As(_tenant, "admin"));
        var stranger = ServiceProcess.As(HandoffFixture.NewTenant(), "admin");

        foreach (var (rpc, failAsync) in Commands(Client, queued.Name, queued.Lead, rep.Name))
        {
            Assert.Equal((rpc, TimeSpan.FromSeconds(1)), (rpc, (await failAsync(stranger)).RetryAfter));
        }
        var get = await GrpcAssert.FailsAsync(Client.GetHandoffAsync(new GetHandoffRequest { Name = queued.Name }, stranger));
        var getRep = await GrpcAssert.FailsAsync(Client.GetRepAsync(new GetRepRequest { Name = rep.Name }, stranger));
        var update = await GrpcAssert.FailsAsync(Client.UpdateRepAsync(new UpdateRepRequest { Rep = new Rep { Name = rep.Name, Team = "a" } }, stranger));
        Assert.Equal((StatusCode.NotFound, "HANDOFF_NOT_FOUND", queued.Name), (get.Code, get.Reason, get.Metadata["name"]));
        Assert.Equal((StatusCode.NotFound, "REP_NOT_FOUND", rep.Name), (getRep.Code, getRep.Reason, getRep.Metadata["name"]));
        Assert.Equal((StatusCode.NotFound, "REP_NOT_FOUND", rep.Name), (update.Code, update.Reason, update.Metadata["name"]));
        Assert.Empty((await Client.ListHandoffsAsync(new ListHandoffsRequest(), stranger)).Handoffs);
        Assert.Empty((await Client.ListRepsAsync(new ListRepsRequest(), stranger)).Reps);
        var ours = await Client.GetHandoffAsync(new GetHandoffRequest { Name = queued.Name }, ServiceProcess.As(_tenant, "marketing"));
        Assert.Equal((Stage.Mql, rep.Name), (ours.Stage, ours.Owner));
    }

    [Fact]
    public async Task A_stale_etag_on_every_command()
    {
        var queued = await fixture.QueueAsync(_tenant);

        foreach (var (rpc, failAsync) in Commands(Client, queued.Name, queued.Lead, NoRep, etag: "99"))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "sales"));

            Assert.Equal((rpc, StatusCode.Aborted, "ETAG_STALE"), (rpc, error.Code, error.Reason));
        }
    }

    [Fact]
    public async Task A_request_id_that_another_request_had()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var requestId = Guid.NewGuid().ToString();
        await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name, Etag = queued.Etag, RequestId = requestId }, ServiceProcess.As(_tenant, "sales"));

        foreach (var (rpc, failAsync) in Commands(Client, queued.Name, queued.Lead, NoRep, requestId: requestId))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "sales"));

            Assert.Equal(
                (rpc, StatusCode.InvalidArgument, "REQUEST_ID_REUSED", requestId), (rpc, error.Code, error.Reason, error.Metadata["request_id"]));
        }
    }

    [Fact]
    public async Task Names_and_request_ids_that_are_none()
    {
        foreach (var (rpc, failAsync) in Commands(Client, "handoffs/1", "leads/1", "reps/1", requestId: "x"))
        {
            var error = await failAsync(ServiceProcess.As(_tenant, "sales"));

            string[] fields = rpc switch
            {
                "Pull" => ["lead", "request_id"],
                "Assign" => ["owner", "name", "request_id"],
                _ => ["name", "request_id"],
            };
            Assert.Equal((rpc, StatusCode.InvalidArgument, "FIELDS_INVALID"), (rpc, error.Code, error.Reason));
            Assert.Equal(fields, error.Violations.Select(violation => violation.Field));
        }
    }

    [Fact]
    public async Task Fields_that_are_missing_or_too_long()
    {
        var sales = ServiceProcess.As(_tenant, "sales");
        var tooLong = new string('x', 501);

        Assert.Equal(["reason"], await FieldsAsync(Client.RejectHandoffAsync(new RejectHandoffRequest { Name = NoHandoff }, sales)));
        Assert.Equal(["reason"], await FieldsAsync(Client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = NoHandoff, Reason = tooLong }, sales)));
        Assert.Equal(["reason"], await FieldsAsync(Client.DisqualifyHandoffAsync(new DisqualifyHandoffRequest { Name = NoHandoff, Reason = " " }, sales)));
        Assert.Equal(["reason"], await FieldsAsync(Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = NoHandoff, Reason = tooLong }, sales)));
        Assert.Equal(["reason"], await FieldsAsync(Client.PullLeadAsync(new PullLeadRequest { Lead = $"leads/{Guid.NewGuid():D}", Reason = tooLong }, sales)));
        Assert.Equal(["qualification"], await FieldsAsync(Client.QualifyHandoffAsync(new QualifyHandoffRequest { Name = NoHandoff }, sales)));
        Assert.Equal(
            ["qualification.need.note", "qualification.timeline.note"],
            await FieldsAsync(Client.QualifyHandoffAsync(
                new QualifyHandoffRequest
                {
                    Name = NoHandoff,
                    Qualification = new Qualification { Need = new Criterion { Note = tooLong }, Timeline = new Criterion { Note = tooLong } },
                },
                sales)));
        Assert.Equal(
            ["page_size", "page_token", "owner", "stage", "unassigned"],
            await FieldsAsync(Client.ListHandoffsAsync(
                new ListHandoffsRequest { PageSize = -1, PageToken = "x", Owner = "x", Stage = (Stage)99, Unassigned = true }, sales)));
        Assert.Equal(["page_size", "page_token"], await FieldsAsync(Client.ListRepsAsync(new ListRepsRequest { PageSize = -1, PageToken = "x" }, sales)));
        Assert.Equal(["name"], await FieldsAsync(Client.GetHandoffAsync(new GetHandoffRequest { Name = "leads/1" }, sales)));
        Assert.Equal(["name"], await FieldsAsync(Client.GetRepAsync(new GetRepRequest(), sales)));
    }

    [Fact]
    public async Task A_page_token_of_another_list_or_filter()
    {
        var (sales, revOps) = (ServiceProcess.As(_tenant, "sales"), ServiceProcess.As(_tenant, "revops"));
        await Client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "Ann" } }, revOps);
        await Client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "Ben" } }, revOps);
        await fixture.QueueAsync(_tenant);
        await fixture.QueueAsync(_tenant);
        var reps = await Client.ListRepsAsync(new ListRepsRequest { PageSize = 1 }, sales);
        var queue = await Client.ListHandoffsAsync(new ListHandoffsRequest { PageSize = 1, Stage = Stage.Mql }, sales);

        Assert.Equal(["page_token"], await FieldsAsync(Client.ListHandoffsAsync(new ListHandoffsRequest { PageToken = reps.NextPageToken }, sales)));
        Assert.Equal(["page_token"], await FieldsAsync(Client.ListHandoffsAsync(new ListHandoffsRequest { PageToken = queue.NextPageToken }, sales)));
        Assert.Single((await Client.ListHandoffsAsync(new ListHandoffsRequest { PageToken = queue.NextPageToken, Stage = Stage.Mql }, sales)).Handoffs);
    }

    [Fact]
    public async Task A_field_that_this_version_does_not_know()
    {
        // Field 99, as a newer contract may have it.
        byte[] unknown = [.. new AcceptHandoffRequest { Name = NoHandoff }.ToByteArray(), 0x9A, 0x06, 0x01, 0x78];

        var error = await GrpcAssert.FailsAsync(Client.AcceptHandoffAsync(AcceptHandoffRequest.Parser.ParseFrom(unknown), ServiceProcess.As(_tenant, "sales")));

        Assert.Equal(
            (StatusCode.InvalidArgument, "FIELDS_UNKNOWN", "l2r.handoff.v1.AcceptHandoffRequest"), (error.Code, error.Reason, error.Metadata["message"]));
    }

    static async Task<IEnumerable<string>> FieldsAsync<T>(AsyncUnaryCall<T> call)
    {
        var error = await GrpcAssert.FailsAsync(call);
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        return error.Violations.Select(violation => violation.Field);
    }
}
