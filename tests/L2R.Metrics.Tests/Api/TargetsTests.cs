using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TargetsTests(MetricsFixture metrics)
{
    static readonly Timestamp January = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp();
    static readonly Timestamp July = new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    readonly string _tenant = MetricsFixture.NewTenant();

    CallOptions Admin => ServiceProcess.As(_tenant, "admin");

    static Duration Days(int days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));

    public static Target Conversion(double ratio = 0.35) => new()
    {
        From = Stage.Lead,
        To = Stage.Mql,
        Conversion = new ConversionGoal { Ratio = ratio, Horizon = Days(30) },
        EffectiveStartTime = January,
    };

    static Target Volume() => new()
    {
        From = Stage.Mql,
        To = Stage.Sal,
        Segment = new TargetSegment { Dimension = "channel", Value = "web-form" },
        Volume = new VolumeGoal { ReachCount = 120, Period = Cadence.Month },
        EffectiveStartTime = January,
        EffectiveEndTime = July,
    };

    static Target Velocity() => new()
    {
        From = Stage.Lead,
        To = Stage.ClosedWon,
        Velocity = new VelocityGoal { Median = Days(60), Horizon = Days(180) },
        EffectiveStartTime = July,
    };

    [Fact]
    public async Task Every_kind_comes_back_as_it_was_sent()
    {
        var client = await metrics.ClientAsync();
        foreach (var sent in new[] { Conversion(), Volume(), Velocity() })
        {
            var made = await client.CreateTargetAsync(new() { Target = sent }, Admin);

            var expected = sent.Clone();
            (expected.Name, expected.Etag, expected.CreateTime, expected.UpdateTime) = (made.Name, "1", made.CreateTime, made.CreateTime);
            Assert.Equal(expected, made);
            Assert.Equal(made, await client.GetTargetAsync(new() { Name = made.Name }, MetricsFixture.As(_tenant)));
        }
        var stranger = MetricsFixture.As(MetricsFixture.NewTenant());
        Assert.Empty((await client.ListTargetsAsync(new(), stranger)).Targets);
    }

    [Fact]
    public async Task A_list_goes_page_by_page_and_knows_what_is_in_force()
    {
        var client = await metrics.ClientAsync();
        var names = new List<string>();
        foreach (var sent in new[] { Conversion(), Volume(), Velocity() })
        {
            names.Add((await client.CreateTargetAsync(new() { Target = sent }, Admin)).Name);
        }

        var first = await client.ListTargetsAsync(new() { PageSize = 2 }, Admin);
        var second = await client.ListTargetsAsync(new() { PageSize = 2, PageToken = first.NextPageToken }, Admin);
        Assert.Equal(names[..2], first.Targets.Select(t => t.Name));
        Assert.Equal(names[2..], second.Targets.Select(t => t.Name));
        Assert.Equal("", second.NextPageToken);
        Assert.Equal(names[..2], (await client.ListTargetsAsync(new() { InForceAt = January }, Admin)).Targets.Select(t => t.Name));
        Assert.Equal([names[0], names[2]], (await client.ListTargetsAsync(new() { InForceAt = July }, Admin)).Targets.Select(t => t.Name));
        var mixed = await GrpcAssert.FailsAsync(client.ListTargetsAsync(new() { PageToken = first.NextPageToken, InForceAt = July }, Admin));
        Assert.Equal("page_token", Assert.Single(mixed.Violations).Field);
    }

    [Fact]
    public async Task Two_of_a_row_may_follow_each_other_and_not_overlap()
    {
        var client = await metrics.ClientAsync();
        var first = await client.CreateTargetAsync(new() { Target = Conversion() }, Admin);
        var next = Conversion(0.4);
        next.EffectiveStartTime = July;
        var second = await client.CreateTargetAsync(new() { Target = next }, Admin);

        var same = await GrpcAssert.FailsAsync(client.CreateTargetAsync(new() { Target = Conversion(0.5) }, Admin));
        Assert.Equal((StatusCode.FailedPrecondition, "TARGET_OVERLAPS", first.Name), (same.Code, same.Reason, same.Metadata["name"]));
        var longer = new UpdateTargetRequest { Target = new() { Name = first.Name, EffectiveEndTime = Timestamp.FromDateTime(July.ToDateTime().AddDays(1)) } };
        var into = await GrpcAssert.FailsAsync(client.UpdateTargetAsync(longer, Admin));
        Assert.Equal(("TARGET_OVERLAPS", second.Name), (into.Reason, into.Metadata["name"]));
        longer.Target.EffectiveEndTime = July;
        Assert.Equal(July, (await client.UpdateTargetAsync(longer, Admin)).EffectiveEndTime);
    }

    [Fact]
    public async Task Of_twenty_at_once_one_is_let_in()
    {
        var client = await metrics.ClientAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                return (await client.CreateTargetAsync(new() { Target = Conversion() }, Admin)).Etag;
            }
            catch (RpcException refused)
            {
                return GrpcAssert.Read(refused).Reason;
            }
        }));

        Assert.Equal(["1", .. Enumerable.Repeat("TARGET_OVERLAPS", 19)], outcomes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_change_touches_what_it_names_and_a_retry_does_nothing_twice()
    {
        var client = await metrics.ClientAsync();
        var create = new CreateTargetRequest { Target = Volume(), RequestId = Guid.NewGuid().ToString() };
        var made = await client.CreateTargetAsync(create, Admin);
        Assert.Equal(made, await client.CreateTargetAsync(create, Admin));

        var update = new UpdateTargetRequest
        {
            Target = new() { Name = made.Name, Etag = "1", Volume = new() { ReachCount = 150, Period = Cadence.Quarter } },
            UpdateMask = new() { Paths = { "volume", "effective_end_time" } },
            RequestId = Guid.NewGuid().ToString(),
        };
        var changed = await client.UpdateTargetAsync(update, Admin);
        var expected = made.Clone();
        (expected.Volume, expected.EffectiveEndTime, expected.Etag, expected.UpdateTime) = (update.Target.Volume, null, "2", changed.UpdateTime);
        Assert.Equal(expected, changed);
        Assert.Equal(changed, await client.UpdateTargetAsync(update, Admin));
        update.RequestId = "";
        Assert.Equal("ETAG_STALE", (await GrpcAssert.FailsAsync(client.UpdateTargetAsync(update, Admin))).Reason);
        update.Target.Etag = "";
        Assert.Equal(changed, await client.UpdateTargetAsync(update, Admin)); // it is so already

        var delete = new DeleteTargetRequest { Name = made.Name, Etag = "2", RequestId = Guid.NewGuid().ToString() };
        await client.DeleteTargetAsync(delete, Admin);
        await client.DeleteTargetAsync(delete, Admin);
        Assert.Equal("TARGET_NOT_FOUND", (await GrpcAssert.FailsAsync(client.GetTargetAsync(new() { Name = made.Name }, Admin))).Reason);
        Assert.Equal("TARGET_NOT_FOUND", (await GrpcAssert.FailsAsync(client.DeleteTargetAsync(new() { Name = made.Name }, Admin))).Reason);
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var client = await metrics.ClientAsync();
        var wrong = new Target
        {
            From = Stage.Lead,
            To = Stage.Sal,
            Segment = new() { Dimension = "colour", Value = "blue" },
            Conversion = new() { Ratio = 1.01, Horizon = Days(3651) },
            EffectiveStartTime = July,
            EffectiveEndTime = July,
        };
        var error = await GrpcAssert.FailsAsync(client.CreateTargetAsync(new() { Target = wrong }, Admin));
        Assert.Equal(
            ["target.to", "target.segment.dimension", "target.conversion.ratio", "target.conversion.horizon", "target.effective_end_time"],
            error.Violations.Select(violation => violation.Field));
        var nothing = await GrpcAssert.FailsAsync(client.CreateTargetAsync(new() { Target = new() }, Admin));
        Assert.Equal(
            ["target.from", "target.to", "target.effective_start_time", "target.goal"], nothing.Violations.Select(violation => violation.Field));

        var made = await client.CreateTargetAsync(new() { Target = Velocity() }, Admin);
        var slow = new UpdateTargetRequest { Target = new() { Name = made.Name, Velocity = new() { Median = Days(181), Horizon = Days(180) } } };
        Assert.Equal(
            [new FieldProblem("target.velocity.median", "must be at most the horizon")], (await GrpcAssert.FailsAsync(client.UpdateTargetAsync(slow, Admin))).Violations);
        var other = new UpdateTargetRequest { Target = new() { Name = made.Name, Conversion = Conversion().Conversion } };
        Assert.Equal("target.conversion", Assert.Single((await GrpcAssert.FailsAsync(client.UpdateTargetAsync(other, Admin))).Violations).Field);
        Assert.Equal("ROLE_MISSING", (await GrpcAssert.FailsAsync(client.CreateTargetAsync(new() { Target = Conversion() }, MetricsFixture.As(_tenant)))).Reason);
    }
}
