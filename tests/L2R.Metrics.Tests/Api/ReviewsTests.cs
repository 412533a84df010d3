using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ReviewsTests(MetricsFixture metrics)
{
    static readonly Date Far = new() { Year = 2030, Month = 1, Day = 31 };

    readonly string _tenant = MetricsFixture.NewTenant();

    CallOptions Admin => ServiceProcess.As(_tenant, "admin");

    static Trigger Metric() => new()
    {
        DisplayName = "Lead quality",
        Owner = "marketing",
        Metric = new MetricCondition
        {
            From = Stage.Lead,
            To = Stage.Mql,
            Segment = new TargetSegment { Dimension = "channel", Value = "web-form" },
            Measure = TriggerMeasure.Conversion,
            Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(30)),
            Period = Cadence.Quarter,
            Comparison = TriggerComparison.Below,
            Threshold = 0.3,
        },
    };

    static ScoringPolicyActivated Activation(string policy, DateTimeOffset at) => new()
    {
        EventId = Guid.NewGuid().ToString("D"),
        EventTime = at.ToTimestamp(),
        ScoringPolicy = policy,
        DisplayName = "Autumn",
        Reason = "Job levels count.",
        Actor = "user:ann",
    };

    async Task<Review> OpenOfAsync(string trigger)
    {
        var client = await metrics.ClientAsync();
        Review? review = null;
        await Eventually.IsTrueAsync("an open review", async () =>
            (review = (await client.ListReviewsAsync(new() { State = ReviewState.Open }, Admin)).Reviews.SingleOrDefault(each => each.Trigger == trigger)) is not null);
        return await client.GetReviewAsync(new() { Name = review!.Name }, Admin);
    }

    [Fact]
    public async Task A_trigger_comes_back_as_it_was_sent_with_what_came_of_its_last_look()
    {
        var client = await metrics.ClientAsync();
        var create = new CreateTriggerRequest { Trigger = Metric(), RequestId = Guid.NewGuid().ToString() };
        var made = await client.CreateTriggerAsync(create, Admin);

        Trigger looked = made;
        await Eventually.IsTrueAsync("the first look", async () => (looked = await client.GetTriggerAsync(new() { Name = made.Name }, MetricsFixture.As(_tenant))).LatestEvaluation is not null);

        var expected = Metric();
        (expected.Name, expected.ReviewDays, expected.Armed, expected.CreateTime) = (made.Name, 14, true, made.CreateTime);
        expected.Metric.RearmThreshold = 0.3;
        (expected.LatestEvaluation, expected.DueTime) = (looked.LatestEvaluation, looked.DueTime);
        Assert.Equal(expected, looked);
        Assert.Equal(TriggerVerdict.NoData, looked.LatestEvaluation.Verdict);
        var reading = looked.LatestEvaluation.Reading;
        Assert.Equal(
            (Stage.Lead, Stage.Mql, Metric().Metric.Segment, TriggerMeasure.Conversion, Metric().Metric.Horizon, looked.LatestEvaluation.Key, 0L, false, false),
            (reading.From, reading.To, reading.Segment, reading.Measure, reading.Horizon, reading.Period.Name, reading.JourneyCount, reading.HasValue, reading.HasIntervalLow));
        Assert.True(looked.DueTime > made.DueTime);
        Assert.Equal(looked, await client.CreateTriggerAsync(create, Admin));
        Assert.Equal([looked], (await client.ListTriggersAsync(new(), Admin)).Triggers);
        Assert.Empty((await client.ListTriggersAsync(new(), MetricsFixture.As(MetricsFixture.NewTenant()))).Triggers);
        var delete = new DeleteTriggerRequest { Name = made.Name, RequestId = Guid.NewGuid().ToString() };
        await client.DeleteTriggerAsync(delete, Admin);
        await client.DeleteTriggerAsync(delete, Admin);
        Assert.Equal("TRIGGER_NOT_FOUND", (await GrpcAssert.FailsAsync(client.GetTriggerAsync(new() { Name = made.Name }, Admin))).Reason);
    }

    [Fact]
    public async Task A_review_closes_with_a_decision_and_the_next_one_is_open()
    {
        var client = await metrics.ClientAsync();
        var (trigger, review) = await metrics.OpenReviewAsync(Admin);
        Assert.Equal(review, await client.GetReviewAsync(new() { Name = review.Name }, MetricsFixture.As(_tenant)));
        Assert.Equal((ReviewState.Open, "Budget", "revops", ""), (review.State, review.DisplayName, review.Owner, review.Decision));

        var nothing = await GrpcAssert.FailsAsync(client.CloseReviewAsync(new() { Name = review.Name }, Admin));
        Assert.Equal(["decision", "trade_off", "next_review_date"], nothing.Violations.Select(violation => violation.Field));
        var today = new CloseReviewRequest { Name = review.Name, Decision = "x", TradeOff = "y", NextReviewDate = new Date { Year = 2026, Month = 1, Day = 1 } };
        Assert.Equal("next_review_date", Assert.Single((await GrpcAssert.FailsAsync(client.CloseReviewAsync(today, Admin))).Violations).Field);

        var close = new CloseReviewRequest
        {
            Name = review.Name,
            Etag = review.Etag,
            RequestId = Guid.NewGuid().ToString(),
            Decision = "Two more reps.",
            TradeOff = "Cost before speed.",
            NextReviewDate = Far,
        };
        var closed = await client.CloseReviewAsync(close, Admin);
        var expected = review.Clone();
        (expected.State, expected.Decision, expected.TradeOff, expected.NextReviewDate) = (ReviewState.Closed, close.Decision, close.TradeOff, Far);
        (expected.CloseTime, expected.Closer, expected.Etag) = (closed.CloseTime, "user:tester", "2");
        Assert.Equal(expected, closed);
        Assert.Equal(closed, await client.CloseReviewAsync(close, Admin));
        (close.RequestId, close.Etag) = ("", "");
        var again = await GrpcAssert.FailsAsync(client.CloseReviewAsync(close, Admin));
        Assert.Equal((StatusCode.FailedPrecondition, "REVIEW_CLOSED"), (again.Code, again.Reason));

        var next = await OpenOfAsync(trigger.Name);
        Assert.Equal((review.Name, Far, ReviewState.Open), (next.Previous, next.DueDate, next.State));
        Assert.Equal($"On {closed.CloseTime.ToDateTime():yyyy-MM-dd} it was decided: Two more reps. Trade-off: Cost before speed.", Assert.Single(next.Agenda).Sentence);
        closed.Agenda.Clear();
        Assert.Equal([closed], (await client.ListReviewsAsync(new() { State = ReviewState.Closed }, Admin)).Reviews);
        Assert.Equal("ROLE_MISSING", (await GrpcAssert.FailsAsync(client.CloseReviewAsync(close, MetricsFixture.As(_tenant)))).Reason);
    }

    [Fact]
    public async Task An_activated_policy_opens_a_review_once_and_the_next_one_adds_to_it()
    {
        var client = await metrics.ClientAsync();
        var trigger = await client.CreateTriggerAsync(new() { Trigger = new() { DisplayName = "New policy", Owner = "marketing", PolicyActivated = new() } }, Admin);
        var (before, first, second) = (Activation("scoringPolicies/1", trigger.CreateTime.ToDateTimeOffset().AddDays(-1)),
            Activation("scoringPolicies/2", trigger.CreateTime.ToDateTimeOffset().AddSeconds(1)), Activation("scoringPolicies/3", trigger.CreateTime.ToDateTimeOffset().AddSeconds(2)));
        foreach (var said in new[] { before, first, first })
        {
            said.Tenant = _tenant;
            await metrics.SayAsync(_tenant, said);
        }
        var review = await OpenOfAsync(trigger.Name);
        second.Tenant = _tenant;
        await metrics.SayAsync(_tenant, second);
        await Eventually.IsTrueAsync("the second activation", async () => (await OpenOfAsync(trigger.Name)).Agenda.Count == 14);

        var both = await OpenOfAsync(trigger.Name);
        Assert.Equal((review.Name, "2"), (both.Name, both.Etag));
        Assert.Equal(
            new[] { first, second }.Select(said => $"Autumn ({said.ScoringPolicy}) decides since {said.EventTime.ToDateTime():yyyy-MM-dd HH:mm} UTC: Job levels count."),
            both.Agenda.Where(item => item.Reading is null).Select(item => item.Sentence));
        Assert.Equal(12, both.Agenda.Count(item => item.Reading is not null)); // how things stood, both times: six pairs
        var latest = (await client.GetTriggerAsync(new() { Name = trigger.Name }, Admin)).LatestEvaluation;
        Assert.Equal((second.EventId, TriggerVerdict.Fired), (latest.Key, latest.Verdict));
    }

    [Fact]
    public async Task Decisions_and_activations_lie_on_one_time_axis()
    {
        var client = await metrics.ClientAsync();
        var (_, review) = await metrics.OpenReviewAsync(Admin);
        var closed = await client.CloseReviewAsync(new() { Name = review.Name, Decision = "Go.", TradeOff = "Less.", NextReviewDate = Far }, Admin);
        var (early, late) = (Activation("scoringPolicies/1", closed.CloseTime.ToDateTimeOffset().AddDays(-1)), Activation("scoringPolicies/2", closed.CloseTime.ToDateTimeOffset().AddDays(1)));
        foreach (var said in new[] { late, early })
        {
            said.Tenant = _tenant;
            await metrics.SayAsync(_tenant, said);
        }
        await Eventually.EqualAsync(3, async () => (await client.ListAnnotationsAsync(new(), Admin)).Annotations.Count);

        var decision = new Annotation
        {
            EventTime = closed.CloseTime,
            Kind = AnnotationKind.Decision,
            Resource = review.Name,
            DisplayName = "Budget",
            Text = "Go.",
            TradeOff = "Less.",
            Actor = "user:tester",
        };
        Annotation Of(ScoringPolicyActivated said) => new()
        {
            EventTime = said.EventTime,
            Kind = AnnotationKind.PolicyActivated,
            Resource = said.ScoringPolicy,
            DisplayName = "Autumn",
            Text = "Job levels count.",
            Actor = "user:ann",
        };
        Assert.Equal([Of(early), decision, Of(late)], (await client.ListAnnotationsAsync(new(), Admin)).Annotations);
        var time = new ListAnnotationsRequest { StartTime = closed.CloseTime, EndTime = late.EventTime };
        Assert.Equal([decision], (await client.ListAnnotationsAsync(time, Admin)).Annotations);
        var page = await client.ListAnnotationsAsync(new() { PageSize = 2 }, Admin);
        Assert.Equal([Of(late)], (await client.ListAnnotationsAsync(new() { PageSize = 2, PageToken = page.NextPageToken }, Admin)).Annotations);
        (time.StartTime, time.EndTime) = (time.EndTime, time.StartTime);
        Assert.Equal("end_time", Assert.Single((await GrpcAssert.FailsAsync(client.ListAnnotationsAsync(time, Admin))).Violations).Field);
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var client = await metrics.ClientAsync();
        var wrong = Metric();
        (wrong.Owner, wrong.ReviewDays) = ("ann@example.com", 366);
        (wrong.Metric.From, wrong.Metric.Segment.Dimension, wrong.Metric.Horizon) = (Stage.Sal, "colour", null);
        (wrong.Metric.Threshold, wrong.Metric.RearmThreshold) = (1.5, 0.2);
        async Task<IEnumerable<string>> FieldsAsync(Trigger trigger) =>
            (await GrpcAssert.FailsAsync(client.CreateTriggerAsync(new() { Trigger = trigger }, Admin))).Violations.Select(violation => violation.Field);

        Assert.Equal(
            [
                "trigger.owner", "trigger.review_days", "trigger.metric.to", "trigger.metric.segment.dimension", "trigger.metric.horizon",
                "trigger.metric.threshold", "trigger.metric.rearm_threshold",
            ],
            await FieldsAsync(wrong));
        Assert.Equal(["trigger.display_name", "trigger.owner", "trigger.condition"], await FieldsAsync(new()));
        Assert.Equal(
            ["trigger.calendar.first_date"],
            await FieldsAsync(new() { DisplayName = "x", Owner = "y", Calendar = new() { FirstDate = new() { Year = 2026, Month = 2, Day = 1 } } }));
        Assert.Equal(
            ["trigger.calendar.first_date"],
            await FieldsAsync(new() { DisplayName = "x", Owner = "y", Calendar = new() { FirstDate = new() { Year = 2026, Month = 2, Day = 29 } } }));
        var volume = Metric();
        (volume.Metric.Measure, volume.Metric.Threshold) = (TriggerMeasure.Volume, 100);
        Assert.Equal(["trigger.metric.horizon"], await FieldsAsync(volume));
    }
}
