using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>Why revenue changed, asked over the wire.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ChangeTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset January = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    static ExplainChangeRequest Months => new()
    {
        BeforeStartTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
        BeforeEndTime = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
        AfterStartTime = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
        AfterEndTime = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
        Horizon = TimeSpan.FromDays(30).ToDuration(),
    };

    async Task WinAsync(DateTimeOffset at, long units)
    {
        var id = Guid.NewGuid();
        var win = MetricsFixture.Row(id, id, Stage.ClosedWon, 2, at.AddDays(9));
        win.Amount = new Money { CurrencyCode = "EUR", Units = units };
        await metrics.SayAsync(_tenant, Guid.NewGuid(), MetricsFixture.Row(id, id, Stage.Lead, 1, at), win);
    }

    [Theory]
    [InlineData(ChangeBasis.Cohort)]
    [InlineData(ChangeBasis.Booked)]
    public async Task Is_told_in_parts_and_in_a_sentence(ChangeBasis basis)
    {
        await WinAsync(January, 1_000);
        await WinAsync(January.AddMonths(1), 1_500);
        var client = await metrics.ClientAsync();
        await Eventually.EqualAsync(2L, async () => (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups[0].Volumes[5].ReachCount);
        var request = Months;
        request.Basis = basis;
        request.Horizon = basis == ChangeBasis.Cohort ? request.Horizon : null;

        var answer = await client.ExplainChangeAsync(request, MetricsFixture.As(_tenant));

        Assert.Equal((1, 1_000, 1_500, 500), (answer.Before.JourneyCount, answer.Before.WonAmount.Units, answer.After.ExpectedAmount.Units, answer.Change.Units));
        Assert.Equal(8, answer.Parts.Count);
        Assert.Equal((ChangeFactor.DealSize, 500), (answer.Parts[^1].Factor, answer.Parts[^1].Amount.Units));
        Assert.Equal((ChangeFactor.Conversion, Stage.Opportunity, Stage.ClosedWon), (answer.Parts[6].Factor, answer.Parts[6].From, answer.Parts[6].To));
        Assert.Equal(new Quality { InferredCount = 8, UnknownCount = 12, MismatchedCount = 2 }, answer.Quality); // two journeys from LEAD to CLOSED_WON, without a segment
        Assert.Equal(500m, answer.Parts.Sum(part => part.Amount.ToDecimal()));
        Assert.Equal("Revenue rose by EUR 500.00, from EUR 1,000.00 to EUR 1,500.00: deal size brought EUR 500.00.", answer.Summary);
    }

    /// <summary>A lead of January that is won in February, without any lead of February: booked, no factor tells of it.</summary>
    [Fact]
    public async Task Booked_wins_without_a_lead_of_their_period_are_told_as_other()
    {
        await WinAsync(January, 1_000);
        await WinAsync(January.AddDays(22), 700);
        var client = await metrics.ClientAsync();
        await Eventually.EqualAsync(2L, async () => (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups[0].Volumes[5].ReachCount);
        var request = Months;
        (request.Basis, request.Horizon) = (ChangeBasis.Booked, null);

        var answer = await client.ExplainChangeAsync(request, MetricsFixture.As(_tenant));

        Assert.Equal((1_000, 700, -300), (answer.Before.WonAmount.Units, answer.After.WonAmount.Units, answer.Change.Units));
        Assert.Equal(ChangeFactor.Other, answer.Parts[^1].Factor);
        Assert.Equal(-300m, answer.Parts.Sum(part => part.Amount.ToDecimal()));
        Assert.StartsWith("Revenue fell by EUR 300.00, from EUR 1,000.00 to EUR 700.00: ", answer.Summary, StringComparison.Ordinal);
        Assert.Contains("wins that no journey of their period leads to brought EUR", answer.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("team")]
    [InlineData("product")]
    [InlineData("policy_version")]
    public async Task Is_not_asked_by_what_changes_from_stage_to_stage(string dimension)
    {
        var client = await metrics.ClientAsync();
        var request = Months;
        request.Dimension = dimension;

        foreach (var error in new[]
        {
            await GrpcAssert.FailsAsync(client.ExplainChangeAsync(request, MetricsFixture.As(_tenant))),
            await GrpcAssert.FailsAsync(client.DiagnoseAsync(new() { Dimension = dimension }, MetricsFixture.As(_tenant))),
        })
        {
            var violation = Assert.Single(error.Violations);
            Assert.Equal("dimension", violation.Field);
            Assert.StartsWith($"must not be {dimension}: it is as of each stage", violation.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = Months;
        request.Basis = ChangeBasis.Booked;
        request.Dimension = "colour";
        request.AfterStartTime = request.BeforeStartTime;
        request.BeforeEndTime = request.BeforeStartTime;
        request.AfterEndTime = null;

        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).ExplainChangeAsync(request, MetricsFixture.As(_tenant)));

        Assert.Equal(
            ["after_end_time", "before_end_time", "dimension", "horizon"],
            error.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
    }
}
