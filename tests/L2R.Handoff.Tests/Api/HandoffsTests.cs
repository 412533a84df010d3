using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class HandoffsTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    HandoffService.HandoffServiceClient Client => fixture.Client;

    /// <summary>A rep; with the subject that every test token bears unless told otherwise.</summary>
    async Task<Rep> RepAsync(string subject = "tester", string team = "inside-sales", bool active = true) => await Client.CreateRepAsync(
        new CreateRepRequest { Rep = new Rep { DisplayName = "Ann Example", Subject = subject, Team = team, Active = active } },
        ServiceProcess.As(_tenant, "revops"));

    static Qualification AllMet => new()
    {
        Need = new Criterion { Met = true, Note = "two plants run blind" },
        Budget = new Criterion { Met = true },
        Authority = new Criterion { Met = true },
        Timeline = new Criterion { Met = true, Note = "this quarter" },
    };

    [Fact]
    public async Task Walks_from_the_queue_to_qualified_and_tells_the_ledger()
    {
        var journey = Journey.New(_tenant);
        await fixture.SayAsync(journey, Stage.Lead, 1);
        await fixture.SayAsync(journey, Stage.Mql, 2);
        var queued = await fixture.HeardAsync(journey, Stage.Mql);
        var rep = await RepAsync();

        var accepted = await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = journey.Handoff }, Sales);
        var qualified = await Client.QualifyHandoffAsync(
            new QualifyHandoffRequest { Name = journey.Handoff, Qualification = AllMet, Etag = accepted.Etag }, Sales);

        Assert.Equal(
            new V1.Handoff
            {
                Name = journey.Handoff,
                Lead = journey.Lead,
                Journey = journey.Name,
                Stage = Stage.Mql,
                QueueTime = Journey.Start.AddMinutes(2).ToTimestamp(),
                Etag = queued.Etag,
            },
            queued);
        var expected = queued.Clone();
        (expected.Stage, expected.Owner, expected.Qualification) = (Stage.Sql, rep.Name, AllMet);
        (expected.AssignTime, expected.AcceptTime, expected.QualifyTime, expected.Etag) =
            (qualified.AssignTime, accepted.AcceptTime, qualified.QualifyTime, qualified.Etag);
        Assert.Equal(expected, qualified);
        Assert.Equal(qualified, await Client.GetHandoffAsync(new GetHandoffRequest { Name = journey.Handoff }, Sales));
        await Eventually.EqualAsync(2, () => Task.FromResult(fixture.Rows(_tenant).Count));
        StageChanged RowOf(int index, Stage from, Stage to, Timestamp time)
        {
            var row = journey.Row(to, index + 3);
            (row.From, row.OccurTime, row.Actor) = (from, time, "user:tester");
            row.TransitionId = fixture.Rows(_tenant)[index].TransitionId;
            (row.Dimensions.Owner, row.Dimensions.Team) = (rep.Name["reps/".Length..], "inside-sales");
            return row;
        }
        Assert.Equal(
            [RowOf(0, Stage.Mql, Stage.Sal, accepted.AcceptTime), RowOf(1, Stage.Sal, Stage.Sql, qualified.QualifyTime)],
            fixture.Rows(_tenant));
    }

    [Fact]
    public async Task Pulls_a_lead_that_marketing_has_not_qualified()
    {
        var journey = Journey.New(_tenant);
        await fixture.SayAsync(journey, Stage.Lead, 1);
        var rep = await RepAsync();
        V1.Handoff? pulled = null;
        var request = new PullLeadRequest { Lead = journey.Lead, Reason = "a referral", RequestId = Guid.NewGuid().ToString() };
        await Eventually.IsTrueAsync("the lead to be heard of", async () =>
        {
            try
            {
                pulled = await Client.PullLeadAsync(request, Sales);
                return true;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.FailedPrecondition)
            {
                return false;
            }
        });

        Assert.Equal(pulled, await Client.PullLeadAsync(request, Sales));
        Assert.Equal((journey.Handoff, Stage.Sal, rep.Name), (pulled!.Name, pulled.Stage, pulled.Owner));
        Assert.Equal(pulled.AcceptTime, pulled.QueueTime);
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Rows(_tenant).Count));
        var row = fixture.Rows(_tenant)[0];
        Assert.Equal((Stage.Lead, Stage.Sal, 2L, "a referral", "web-form"), (row.From, row.To, row.SourceSeq, row.Reason, row.Dimensions.Channel));
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Assignments(_tenant).Count));
        Assert.Equal(AssignmentCause.Taken, fixture.Assignments(_tenant)[0].Cause);
    }

    [Fact]
    public async Task Pulling_an_mql_is_accepting_it_and_pulling_twice_is_refused()
    {
        var queued = await fixture.QueueAsync(_tenant);

        var pulled = await Client.PullLeadAsync(new PullLeadRequest { Lead = queued.Lead }, Sales);
        var error = await GrpcAssert.FailsAsync(Client.PullLeadAsync(new PullLeadRequest { Lead = queued.Lead }, Sales));

        Assert.Equal((queued.Name, Stage.Sal, queued.QueueTime), (pulled.Name, pulled.Stage, pulled.QueueTime));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "MOVE_NOT_ALLOWED", "SAL", "SAL"), (error.Code, error.Reason, error.Metadata["from"], error.Metadata["to"]));
    }

    [Fact]
    public async Task Of_several_journeys_pulls_the_one_that_is_open()
    {
        var ended = Journey.New(_tenant);
        var open = Journey.New(_tenant) with { Lead = ended.Lead };
        await fixture.SayAsync(ended, Stage.Recycled, 9); // later by the clock
        await fixture.SayAsync(open, Stage.Mql, 2);
        await fixture.HeardAsync(open, Stage.Mql);

        var pulled = await Client.PullLeadAsync(new PullLeadRequest { Lead = ended.Lead }, Sales);

        Assert.Equal(open.Handoff, pulled.Name);
    }

    [Theory]
    [InlineData(Stage.Rejected)]
    [InlineData(Stage.Recycled)]
    [InlineData(Stage.Disqualified)]
    public async Task Ends_a_journey_once_with_its_reason(Stage exit)
    {
        var queued = await fixture.QueueAsync(_tenant);
        var requestId = Guid.NewGuid().ToString();
        async Task<V1.Handoff> EndAsync(string requestId) => exit switch
        {
            Stage.Rejected => await Client.RejectHandoffAsync(
                new RejectHandoffRequest { Name = queued.Name, Reason = "no fit", Etag = queued.Etag, RequestId = requestId }, Sales),
            Stage.Recycled => await Client.RecycleHandoffAsync(
                new RecycleHandoffRequest { Name = queued.Name, Reason = "no fit", Etag = queued.Etag, RequestId = requestId }, Sales),
            _ => await Client.DisqualifyHandoffAsync(
                new DisqualifyHandoffRequest { Name = queued.Name, Reason = "no fit", Etag = queued.Etag, RequestId = requestId }, Sales),
        };

        var ended = await EndAsync(requestId);
        var retried = await EndAsync(requestId);
        var stale = await Assert.ThrowsAsync<RpcException>(() => EndAsync(""));

        Assert.Equal(exit, ended.Stage);
        Assert.Equal(ended, retried);
        Assert.Equal("ETAG_STALE", GrpcAssert.Read(stale).Reason);
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Rows(_tenant).Count));
        var row = fixture.Rows(_tenant)[0];
        Assert.Equal((Stage.Mql, exit, 3L, "no fit"), (row.From, row.To, row.SourceSeq, row.Reason));
    }

    [Fact]
    public async Task Twenty_overlapping_retries_accept_once()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var request = new AcceptHandoffRequest { Name = queued.Name, RequestId = Guid.NewGuid().ToString() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Client.AcceptHandoffAsync(request, Sales).ResponseAsync));

        Assert.Single(answers.Distinct());
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Rows(_tenant).Count));
    }

    [Fact]
    public async Task Of_two_decisions_at_once_one_counts()
    {
        var queued = await fixture.QueueAsync(_tenant);

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(async index =>
            {
                try
                {
                    return (index % 2 == 0
                        ? await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name }, Sales)
                        : await Client.RejectHandoffAsync(new RejectHandoffRequest { Name = queued.Name, Reason = "no" }, Sales)).Stage.ToString();
                }
                catch (RpcException exception)
                {
                    return GrpcAssert.Read(exception).Reason;
                }
            }));

        Assert.Equal(9, outcomes.Count(outcome => outcome == "MOVE_NOT_ALLOWED"));
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Rows(_tenant).Count));
    }

    [Fact]
    public async Task Names_the_criteria_that_are_not_met_and_stores_nothing()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var accepted = await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name }, Sales);
        var found = AllMet;
        (found.Budget, found.Authority) = (new Criterion { Note = "asked twice" }, null);
        var request = new QualifyHandoffRequest { Name = queued.Name, Qualification = found, RequestId = Guid.NewGuid().ToString() };

        var error = await GrpcAssert.FailsAsync(Client.QualifyHandoffAsync(request, Sales));

        Assert.Equal(
            (StatusCode.FailedPrecondition, "QUALIFICATION_INCOMPLETE", "budget,authority", null),
            (error.Code, error.Reason, error.Metadata["missing"], error.RetryAfter));
        Assert.Equal(accepted, await Client.GetHandoffAsync(new GetHandoffRequest { Name = queued.Name }, Sales));
        request.Qualification = AllMet;
        Assert.Equal(Stage.Sql, (await Client.QualifyHandoffAsync(request, Sales)).Stage); // what was refused left its request id free
    }

    [Fact]
    public async Task Assigns_to_another_rep_without_a_move()
    {
        var (ann, ben) = (await RepAsync("ann"), await RepAsync("ben", team: "field-sales", active: false));
        var queued = await fixture.QueueAsync(_tenant);
        var request = new AssignHandoffRequest { Name = queued.Name, Owner = ben.Name, Etag = queued.Etag, RequestId = Guid.NewGuid().ToString() };

        var inactive = await GrpcAssert.FailsAsync(Client.AssignHandoffAsync(request, Sales));
        await Client.UpdateRepAsync(new UpdateRepRequest { Rep = new Rep { Name = ben.Name, Active = true } }, ServiceProcess.As(_tenant, "revops"));
        var assigned = await Client.AssignHandoffAsync(request, Sales);
        var retried = await Client.AssignHandoffAsync(request, Sales);
        var again = await Client.AssignHandoffAsync(new AssignHandoffRequest { Name = queued.Name, Owner = ben.Name }, Sales);

        Assert.Equal((StatusCode.FailedPrecondition, "REP_INACTIVE", ben.Name), (inactive.Code, inactive.Reason, inactive.Metadata["name"]));
        var expected = queued.Clone();
        (expected.Owner, expected.AssignTime, expected.Etag) = (ben.Name, assigned.AssignTime, assigned.Etag);
        Assert.Equal([expected, expected, expected], [assigned, retried, again]);
        await Eventually.EqualAsync(2, () => Task.FromResult(fixture.Assignments(_tenant).Count));
        var told = fixture.Assignments(_tenant)[1];
        Assert.Equal(
            new HandoffAssigned
            {
                Handoff = queued.Name,
                Version = long.Parse(assigned.Etag, System.Globalization.CultureInfo.InvariantCulture),
                Lead = queued.Lead,
                Journey = queued.Journey,
                Owner = ben.Name,
                PreviousOwner = ann.Name,
                Team = "field-sales",
                Cause = AssignmentCause.ByHand,
            },
            told);
        Assert.Empty(fixture.Rows(_tenant));
    }

    [Fact]
    public async Task Refuses_to_assign_what_ended_or_to_nobody()
    {
        var rep = await RepAsync();
        var queued = await fixture.QueueAsync(_tenant);
        var nobody = $"reps/{Guid.NewGuid():D}";

        var unknown = await GrpcAssert.FailsAsync(Client.AssignHandoffAsync(new AssignHandoffRequest { Name = queued.Name, Owner = nobody }, Sales));
        await Client.RejectHandoffAsync(new RejectHandoffRequest { Name = queued.Name, Reason = "no" }, Sales);
        var ended = await GrpcAssert.FailsAsync(Client.AssignHandoffAsync(new AssignHandoffRequest { Name = queued.Name, Owner = rep.Name }, Sales));

        Assert.Equal((StatusCode.NotFound, "REP_NOT_FOUND", nobody), (unknown.Code, unknown.Reason, unknown.Metadata["name"]));
        Assert.Equal((StatusCode.FailedPrecondition, "HANDOFF_NOT_OPEN", "REJECTED"), (ended.Code, ended.Reason, ended.Metadata["stage"]));
    }
}
