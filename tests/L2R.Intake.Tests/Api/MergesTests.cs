using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

/// <summary>Two leads of one person.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class MergesTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    IReadOnlyList<LeadMerged> Told => [.. intake.Bus.Messages<LeadsMerged>(message => message.Tenant == _tenant).SelectMany(message => message.Merges)];

    [Fact]
    public async Task The_loser_names_the_survivor_until_the_undo_and_the_others_are_told_of_both()
    {
        var (loser, survivor) = (await CreateAsync("ada"), await CreateAsync("ada l."));
        var request = new MergeLeadsRequest { Loser = loser.Name, Survivor = survivor.Name, Etag = loser.Etag, RequestId = Guid.NewGuid().ToString() };

        var merged = await intake.Client.MergeLeadsAsync(request, Marketing);
        var retried = await intake.Client.MergeLeadsAsync(request, Marketing);
        await Eventually.EqualAsync(1, () => Task.FromResult(Told.Count));
        var undone = await intake.Client.UnmergeLeadsAsync(new() { Loser = loser.Name, Etag = merged.Etag }, Marketing);
        await Eventually.EqualAsync(2, () => Task.FromResult(Told.Count));

        var expected = loser.Clone();
        (expected.MergedInto, expected.Etag, expected.UpdateTime) = (survivor.Name, "2", merged.UpdateTime);
        Assert.Equal([expected, expected], [merged, retried]);
        (expected.MergedInto, expected.Etag, expected.UpdateTime) = ("", "3", undone.UpdateTime);
        Assert.Equal([expected, survivor], [undone, await intake.Client.GetLeadAsync(new() { Name = survivor.Name }, Marketing)]);
        Assert.Equal(
            [(Told[0].MergeId, loser.Name, survivor.Name, false), (Told[0].MergeId, loser.Name, survivor.Name, true)],
            Told.OrderBy(merge => merge.Undone).Select(merge => (merge.MergeId, merge.Loser, merge.Survivor, merge.Undone)));
        Assert.True(Guid.TryParseExact(Told[0].MergeId, "D", out _));
        Assert.Equal($"live.{_tenant}", intake.Bus.RoutingKeyOf(intake.Bus.Messages<LeadsMerged>(message => message.Tenant == _tenant)[0]));
    }

    [Fact]
    public async Task A_merge_of_what_is_merged_already_of_one_lead_and_of_none_is_refused()
    {
        var (a, b, c) = (await CreateAsync("a"), await CreateAsync("b"), await CreateAsync("c"));
        await MergeAsync(a, b);

        var itself = await GrpcAssert.FailsAsync(intake.Client.MergeLeadsAsync(new() { Loser = c.Name, Survivor = c.Name }, Marketing));
        SeenError[] merged =
        [
            await GrpcAssert.FailsAsync(MergeAsync(a, c)),
            await GrpcAssert.FailsAsync(MergeAsync(c, a)),
            await GrpcAssert.FailsAsync(MergeAsync(b, a)), // would be a circle
        ];
        var free = await GrpcAssert.FailsAsync(intake.Client.UnmergeLeadsAsync(new() { Loser = b.Name }, Marketing));
        var missing = await GrpcAssert.FailsAsync(
            intake.Client.MergeLeadsAsync(new() { Loser = c.Name, Survivor = $"leads/{Guid.NewGuid()}" }, Marketing));
        var stale = await GrpcAssert.FailsAsync(intake.Client.MergeLeadsAsync(new() { Loser = c.Name, Survivor = b.Name, Etag = "7" }, Marketing));

        Assert.Equal(["survivor"], itself.Violations.Select(violation => violation.Field));
        Assert.All(merged, error => Assert.Equal(
            (StatusCode.FailedPrecondition, "LEAD_MERGED", a.Name, b.Name), (error.Code, error.Reason, error.Metadata["name"], error.Metadata["survivor"])));
        Assert.Equal((StatusCode.FailedPrecondition, "LEAD_NOT_MERGED"), (free.Code, free.Reason));
        Assert.Equal((StatusCode.NotFound, "LEAD_NOT_FOUND"), (missing.Code, missing.Reason));
        Assert.Equal((StatusCode.Aborted, "ETAG_STALE"), (stale.Code, stale.Reason));
        Assert.Equal(c.Name, (await MergeAsync(b, c)).MergedInto); // with the one that was merged into it
    }

    [Fact]
    public async Task A_merged_lead_is_moved_and_touched_under_the_name_of_the_survivor()
    {
        var (loser, survivor) = (await CreateAsync("a"), await CreateAsync("b"));
        await MergeAsync(loser, survivor);
        var touch = new Touchpoint { Lead = loser.Name, Kind = "page-view", Engagement = true };

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(new() { Name = loser.Name, Reason = "x" }, Marketing)),
            await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new() { Name = loser.Name, Reason = "x" }, Marketing)),
            await GrpcAssert.FailsAsync(intake.Client.OpenJourneyAsync(new() { Name = loser.Name, Reason = "x" }, Marketing)),
            await GrpcAssert.FailsAsync(intake.Client.RecordTouchpointAsync(new() { Touchpoint = touch }, Marketing)),
        ];

        Assert.All(errors, error => Assert.Equal(
            (StatusCode.FailedPrecondition, "LEAD_MERGED", survivor.Name), (error.Code, error.Reason, error.Metadata["survivor"])));
        await intake.Client.UnmergeLeadsAsync(new() { Loser = loser.Name }, Marketing);
        Assert.Equal(Stage.Disqualified, (await intake.Client.DisqualifyLeadAsync(new() { Name = loser.Name, Reason = "x" }, Marketing)).Stage);
    }

    [Fact]
    public async Task Of_two_merges_against_each_other_at_once_one_is_done()
    {
        for (var round = 0; round < 5; round++)
        {
            var (a, b) = (await CreateAsync($"a{round}"), await CreateAsync($"b{round}"));

            var outcomes = await Task.WhenAll(TryAsync(a, b), TryAsync(b, a));

            Assert.Equal(["", "LEAD_MERGED"], outcomes.Order(StringComparer.Ordinal));
        }

        async Task<string> TryAsync(Lead loser, Lead survivor)
        {
            try
            {
                await MergeAsync(loser, survivor);
                return "";
            }
            catch (RpcException)
            {
                return (await GrpcAssert.FailsAsync(MergeAsync(loser, survivor))).Reason;
            }
        }
    }

    AsyncUnaryCall<Lead> MergeAsync(Lead loser, Lead survivor) =>
        intake.Client.MergeLeadsAsync(new() { Loser = loser.Name, Survivor = survivor.Name }, Marketing);

    async Task<Lead> CreateAsync(string externalId) =>
        (await intake.Client.CreateLeadAsync(new() { Lead = new Lead { ExternalId = externalId } }, Marketing)).Lead;
}
