using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>The waterfall as it changes.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class StreamTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset January = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static StreamWaterfallRequest ByMonth => new() { Waterfall = new() { GroupByPeriod = PeriodKind.Month, CohortBy = Stage.Lead } };

    Task SayAsync(DateTimeOffset at, Stage stage = Stage.Lead, Guid? journey = null, int sourceSeq = 1)
    {
        var id = journey ?? Guid.NewGuid();
        return metrics.SayAsync(_tenant, Guid.NewGuid(), MetricsFixture.Row(id, id, stage, sourceSeq, at));
    }

    async Task<IAsyncStreamReader<StreamWaterfallResponse>> OpenAsync(StreamWaterfallRequest request) =>
        (await metrics.ClientAsync()).StreamWaterfall(request, MetricsFixture.As(_tenant).WithCancellationToken(Cancelled)).ResponseStream;

    static async Task<StreamWaterfallResponse> NextAsync(IAsyncStreamReader<StreamWaterfallResponse> stream)
    {
        Assert.True(await stream.MoveNext(Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        return stream.Current;
    }

    /// <summary>Until what was told so far puts the reach of LEAD by month together as wanted.</summary>
    static async Task<Timestamp> FollowAsync(IAsyncStreamReader<StreamWaterfallResponse> stream, Dictionary<string, long> told, params (string Month, long Reach)[] wanted)
    {
        while (true)
        {
            var next = await NextAsync(stream);
            if (next.Complete)
            {
                told.Clear();
            }
            foreach (var group in next.Waterfall.Groups)
            {
                told[group.Period.Name] = group.Volumes[0].ReachCount;
            }
            foreach (var group in next.RemovedGroups)
            {
                Assert.True(told.Remove(group.Period.Name));
            }
            if (told.Select(month => (month.Key, month.Value)).Order().SequenceEqual(wanted))
            {
                return next.Waterfall.KnownAt;
            }
        }
    }

    [Fact]
    public async Task Tells_what_changed_and_nothing_else()
    {
        await SayAsync(January);
        await SayAsync(January.AddMonths(1));
        var stream = await OpenAsync(ByMonth);
        Dictionary<string, long> told = [];
        await FollowAsync(stream, told, ("2026-01", 1), ("2026-02", 1));

        await SayAsync(January.AddMonths(1).AddDays(1));
        var change = await NextAsync(stream);

        Assert.False(change.Complete);
        Assert.Equal("2026-02", Assert.Single(change.Waterfall.Groups).Period.Name);
        Assert.Equal((2, 3), (change.Waterfall.Groups[0].Volumes[0].ReachCount, change.Waterfall.JourneyCount));
        Assert.Equal(change.Waterfall.AsOf, change.Waterfall.KnownAt);
    }

    [Fact]
    public async Task Goes_on_after_a_break_where_it_ended()
    {
        await SayAsync(January);
        var journey = Guid.NewGuid();
        var row = MetricsFixture.Row(journey, journey, Stage.Lead, 1, January.AddMonths(2));
        await metrics.SayAsync(_tenant, Guid.NewGuid(), row);
        Dictionary<string, long> told = [];
        var last = await FollowAsync(await OpenAsync(ByMonth), told, ("2026-01", 1), ("2026-03", 1));
        // Meanwhile one month gets a journey and the other loses its only one.
        await SayAsync(January.AddDays(1));
        var withdrawal = MetricsFixture.Row(journey, journey, Stage.Unspecified, 2, January.AddMonths(2));
        withdrawal.Supersedes = row.TransitionId;
        await metrics.SayAsync(_tenant, Guid.NewGuid(), withdrawal);

        var request = ByMonth;
        request.ResumeAfter = last;
        var resumed = await OpenAsync(request);
        await FollowAsync(resumed, told, ("2026-01", 2));

        Assert.False(resumed.Current.Complete);
    }

    [Fact]
    public async Task Is_complete_again_when_the_tenant_reports_otherwise()
    {
        await SayAsync(January);
        var stream = await OpenAsync(ByMonth);
        await FollowAsync(stream, [], ("2026-01", 1));

        await (await metrics.ClientAsync()).UpdateSettingsAsync(
            new() { Settings = new() { TimeZone = "America/New_York" } }, ServiceProcess.As(_tenant, "admin"));
        var next = await NextAsync(stream);

        Assert.Equal((true, "America/New_York"), (next.Complete, next.Waterfall.TimeZone));
    }

    [Fact]
    public async Task Is_of_now_and_of_nothing_else()
    {
        var request = ByMonth;
        request.Waterfall.AsOf = January.ToTimestamp();
        request.Waterfall.GroupBy.Add("colour");

        var error = await Assert.ThrowsAsync<RpcException>(async () => await NextAsync(await OpenAsync(request)));

        Assert.Equal(
            ["waterfall.as_of", "waterfall.group_by[0]"],
            GrpcAssert.Read(error).Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
    }
}
