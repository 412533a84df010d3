using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Origin = L2R.Ledger.V1.Origin;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TouchpointImportTests(IntakeFixture intake)
{
    static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = IntakeFixture.NewTenant();

    IReadOnlyList<TouchpointsRecorded> Told => intake.Bus.Messages<TouchpointsRecorded>(message => message.Tenant == _tenant);

    static ImportedTouchpoint Row(int line, string lead, int seq, string channel = "ads", Money? cost = null) => new()
    {
        Line = line,
        SourceKey = lead,
        SourceSeq = seq,
        LeadKey = lead,
        Kind = "visit",
        Channel = channel,
        Campaign = "spring",
        OccurTime = Noon.AddMinutes(seq).ToTimestamp(),
        Engagement = true,
        Cost = cost,
    };

    static ImportTouchpointsRequest Batch(params ImportedTouchpoint[] rows) => new() { ImportId = "test", Source = "crm", Touchpoints = { rows } };

    async Task<ImportTouchpointsResponse[]> ImportAsync(params ImportTouchpointsRequest[] batches)
    {
        using var call = intake.Client.ImportTouchpoints(ServiceProcess.As(_tenant, "revops"));
        foreach (var batch in batches)
        {
            await call.RequestStream.WriteAsync(batch, TestContext.Current.CancellationToken);
        }
        await call.RequestStream.CompleteAsync();
        return [.. await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)];
    }

    [Fact]
    public async Task Tells_of_each_past_touch_once_as_history_of_the_lead_that_the_moves_have_by_the_same_key()
    {
        var batch = Batch(Row(1, "a", 0, cost: new() { CurrencyCode = "EUR", Units = 2, Nanos = 500_000_000 }), Row(2, "a", 1, channel: ""), Row(3, "a", 1, channel: ""));

        var answers = await ImportAsync(batch, batch);

        Assert.Equal([new() { StoredCount = 2, UnchangedCount = 1 }, new() { UnchangedCount = 3 }], answers);
        await Eventually.EqualAsync(1, () => Task.FromResult(Told.Count));
        Assert.Equal($"import.{_tenant}.engagement", intake.Bus.RoutingKeyOf(Told[0]));
        Assert.Equal(
            new TouchpointRecorded
            {
                Touchpoint = new()
                {
                    Name = $"touchpoints/{TransitionId.OfTouchpoint(_tenant, "crm", "a", 0)}",
                    Lead = $"leads/{TransitionId.OfLead(_tenant, "crm", "a")}",
                    Kind = "visit",
                    Channel = "ads",
                    Campaign = "spring",
                    OccurTime = Noon.ToTimestamp(),
                    Engagement = true,
                    Cost = new() { CurrencyCode = "EUR", Units = 2, Nanos = 500_000_000 },
                },
                Origin = Origin.Import,
            },
            Told[0].Touchpoints[0]);
        Assert.Equal(("unknown", null), (Told[0].Touchpoints[1].Touchpoint.Channel, Told[0].Touchpoints[1].Touchpoint.Cost));
    }

    [Fact]
    public async Task Corrects_a_touch_only_where_the_import_says_so_and_names_the_one_that_counts_no_more()
    {
        await ImportAsync(Batch(Row(1, "a", 0)));
        var changed = Batch(Row(7, "a", 0, channel: "mail"), Row(8, "b", 0));

        var refused = Assert.Single(await ImportAsync(changed));
        var corrected = Assert.Single(await ImportAsync(new ImportTouchpointsRequest(changed) { Correct = true }));
        var back = Assert.Single(await ImportAsync(new ImportTouchpointsRequest(Batch(Row(1, "a", 0))) { Correct = true }));

        Assert.Equal((1, 7L, "KEY_REUSED"), (refused.StoredCount, refused.Rejects.Single().Line, refused.Rejects.Single().Reason));
        Assert.Equal(new() { CorrectedCount = 1, UnchangedCount = 1 }, corrected);
        Assert.Equal(new() { CorrectedCount = 1 }, back);
        await Eventually.EqualAsync(4, () => Task.FromResult(Told.Count));
        var touches = Told.SelectMany(message => message.Touchpoints).Where(touch => touch.Touchpoint.Lead == $"leads/{TransitionId.OfLead(_tenant, "crm", "a")}").ToList();
        Assert.Equal(["", touches[0].Touchpoint.Name, touches[1].Touchpoint.Name], touches.Select(touch => touch.Supersedes));
        Assert.Equal(3, touches.Select(touch => touch.Touchpoint.Name).Distinct().Count());
    }

    [Fact]
    public async Task Refuses_the_broken_rows_alone_each_with_its_line_and_cause()
    {
        var early = Row(5, "e", 0);
        early.OccurTime = DateTimeOffset.UnixEpoch.AddSeconds(-1).ToTimestamp();

        var answer = Assert.Single(await ImportAsync(Batch(
            Row(1, "a", 0),
            Row(2, "", -1, channel: "Not Kebab"),
            Row(3, "c", 0, cost: new() { CurrencyCode = "XQQ", Units = -1 }),
            Row(4, "d", 0, cost: new() { Units = 1 }),
            early,
            Row(6, "a", 0, channel: "mail"))));

        Assert.Equal(1, answer.StoredCount);
        Assert.Equal(
            [
                (2L, "FIELDS_INVALID", "source_key is required; lead_key is required; channel must be in kebab case such as web-form, at most 63 characters; source_seq must not be negative"),
                (3L, "FIELDS_INVALID", "cost.currency_code must be an ISO 4217 code such as EUR, active or withdrawn since 1999; cost must be from 0 to 1,000,000,000,000, with 0 to 999,999,999 nanos"),
                (4L, "FIELDS_INVALID", "cost.currency_code is required"),
                (5L, "FIELDS_INVALID", "occur_time must not be before 1970"),
                (6L, "KEY_REUSED", "line 1 has the same source_key and source_seq, and other content: number the touches of a key apart"),
            ],
            answer.Rejects.Select(reject => (reject.Line, reject.Reason, reject.Message)));
    }

    [Fact]
    public async Task A_batch_that_is_none_ends_the_stream_and_names_every_field()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(new ImportTouchpointsRequest
        {
            ImportId = new string('x', 101),
            Source = "Not Kebab",
            Touchpoints = { Enumerable.Range(0, 501).Select(seq => Row(seq, "a", seq)) },
        }));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.All(new[] { "import_id", "source", "touchpoints" }, field => Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_past_engagement_opens_no_journey_of_a_lead_in_nurture()
    {
        using var moves = intake.Client.ImportTransitions(ServiceProcess.As(_tenant, "revops"));
        await moves.RequestStream.WriteAsync(
            new()
            {
                ImportId = "test",
                Source = "crm",
                Transitions = { new ImportedTransition { Line = 1, SourceKey = "a", LeadKey = "a", JourneyKey = "a", To = Stage.Lead, OccurTime = Noon.ToTimestamp() } },
            },
            TestContext.Current.CancellationToken);
        await moves.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count));
        var lead = new Lead { Name = intake.Rows(_tenant)[0].Lead, Journey = intake.Rows(_tenant)[0].Journey };

        await ImportAsync(Batch(Row(1, "a", 5)));
        await intake.SayAsync(_tenant, lead, Stage.Recycled, 2, Noon.AddMinutes(1), from: Stage.Lead);
        await Eventually.EqualAsync(
            LeadState.Nurture, async () => (await intake.Client.GetLeadAsync(new() { Name = lead.Name }, ServiceProcess.As(_tenant, "sales"))).State);

        Assert.Single(intake.Rows(_tenant), row => row.To == Stage.Lead);
    }

    [Fact]
    public async Task A_live_touch_may_say_what_it_cost_too()
    {
        var lead = (await intake.Client.CreateLeadAsync(new() { Lead = new() { ExternalId = "1" } }, ServiceProcess.As(_tenant, "marketing"))).Lead;
        var request = new RecordTouchpointRequest
        {
            RequestId = Guid.NewGuid().ToString(),
            Touchpoint = new() { Lead = lead.Name, Kind = "ad", Cost = new() { CurrencyCode = "USD", Nanos = 250_000_000 } },
        };

        var recorded = await intake.Client.RecordTouchpointAsync(request, ServiceProcess.As(_tenant, "marketing"));
        var retried = await intake.Client.RecordTouchpointAsync(request, ServiceProcess.As(_tenant, "marketing"));

        Assert.Equal((request.Touchpoint.Cost, recorded), (recorded.Cost, retried));
        await Eventually.EqualAsync(1, () => Task.FromResult(Told.Count));
        Assert.Equal((recorded, Origin.Live), (Told[0].Touchpoints[0].Touchpoint, Told[0].Touchpoints[0].Origin));
    }
}
