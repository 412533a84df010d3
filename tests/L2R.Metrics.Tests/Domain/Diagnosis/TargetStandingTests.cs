using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>How every target in force stands, also where no pair and no segment is measured by it.</summary>
public sealed class TargetStandingTests
{
    static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Later = January.AddYears(1);
    static readonly Period Quarter = new("2026-Q1", January, January.AddMonths(3));

    static DiagnosisQuery Query(params TargetDetails[] targets) => new(
        new(new() { AsOf = Later, KnownAt = Later }, ChangeBasis.Cohort, TimeSpan.FromDays(30), Dimension.Segment, "EUR", MaxValues: 100),
        [.. targets.Select(details => new Target { Id = Guid.NewGuid(), Details = details, CreateTime = January, UpdateTime = January, Version = 1 })],
        MaxSegments: 10)
    {
        LastPeriods = new Dictionary<PeriodKind, Period> { [PeriodKind.Quarter] = Quarter },
    };

    static TargetDetails Details(Stage from, Stage to, Goal goal, string? dimension = null, string? value = null) =>
        new(new(from, to), dimension is null ? null : new(dimension, value!), goal, January, null);

    /// <summary>Leads of which no row says the team; from MQL on it is known. Each enters a stage each day.</summary>
    static IEnumerable<JourneyFacts> Walks(int count, string team, Stage last, string segment = "a") => Enumerable.Range(0, count).SelectMany(_ =>
    {
        var lead = Guid.NewGuid();
        return Fold.Lead(
            Stages.Waterfall.Where(stage => stage <= last).Select(stage => new Transition
            {
                TransitionId = Guid.NewGuid(),
                LeadId = lead,
                JourneyId = lead,
                To = stage,
                OccurredAt = January.AddDays((int)stage),
                RecordedAt = January,
                SourceSeq = (int)stage,
                Dimensions = new() { Segment = segment, Team = stage == Stage.Lead ? null : team },
            }),
            Later,
            Later);
    });

    static (DiagnosisAnswer Answer, DiagnosisWords Words) Diagnose(DiagnosisQuery query, params IEnumerable<JourneyFacts>[] journeys)
    {
        var answer = journeys.SelectMany(some => some).Gather(() => new RevenueDiagnosis(query)).ToAnswer();
        return (answer, new(answer, query));
    }

    /// <summary>By hand: z = (0.25 − 0.5)/√(0.25/40) = −3.16. No LEAD row says the team: the MQL row counts, where the clock starts.</summary>
    [Fact]
    public void A_target_of_a_team_counts_whoever_had_it_where_the_clock_starts()
    {
        var (answer, words) = Diagnose(
            Query(Details(Stage.Mql, Stage.Sal, new Goal.Conversion(0.5, TimeSpan.FromDays(30)), "team", "x")),
            Walks(30, "x", Stage.Mql), Walks(10, "x", Stage.Sal), Walks(50, "y", Stage.Sal));

        var standing = Assert.Single(answer.Targets);
        Assert.Equal((10L, 40L, Finding.Real), (standing.Conversion!.Actual.Converted, standing.Conversion.Actual.N, standing.Conversion.Finding));
        Assert.Equal("it is of team, and segments are compared by segment", standing.NotUsed);
        Assert.Equal(
            "MQL → SAL of team x converts 25% of 40 (14 to 40%) within 30 days against its own target of 50%: a gap that chance does not explain. "
            + "No pair and no segment is measured by it: it is of team, and segments are compared by segment.",
            words.Of(standing));
        Assert.EndsWith("Of 1 target in force 1 measures no pair and no segment here: how it stands is told apart.", words.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_of_the_whole_way_a_median_of_a_segment_and_a_value_of_nobody_are_told_too()
    {
        var (answer, words) = Diagnose(
            Query(
                Details(Stage.Lead, Stage.ClosedWon, new Goal.Conversion(0.5, TimeSpan.FromDays(30))),
                Details(Stage.Lead, Stage.Mql, new Goal.Velocity(TimeSpan.FromHours(12), TimeSpan.FromDays(30)), "segment", "a"),
                Details(Stage.Lead, Stage.Mql, new Goal.Conversion(0.5, TimeSpan.FromDays(30)), "segment", "z"),
                Details(Stage.Lead, Stage.Mql, new Goal.Conversion(0.5, TimeSpan.FromDays(30)), "segment", "a"),
                Details(Stage.Lead, Stage.Mql, new Goal.Conversion(0.5, TimeSpan.FromDays(30)))),
            Walks(30, "x", Stage.Mql), Walks(10, "x", Stage.ClosedWon));

        Assert.Equal(
            [
                "it is of the whole way, and pairs of adjacent stages are compared", "segments are compared by their conversion",
                "no journey followed for so long has segment z", null, null,
            ],
            answer.Targets.Select(target => target.NotUsed));
        Assert.Equal((10L, 40L), (answer.Targets[0].Conversion!.Actual.Converted, answer.Targets[0].Conversion!.Actual.N));
        Assert.Equal((40, TimeSpan.FromHours(12)), (answer.Targets[1].Velocity!.N, answer.Targets[1].Velocity!.Excess));
        Assert.StartsWith("LEAD → MQL of segment a: Half take 1 day or less against a target of 12 hours.", words.Of(answer.Targets[1]), StringComparison.Ordinal);
        Assert.Equal((0L, Finding.NotEnoughData), (answer.Targets[2].Conversion!.Actual.N, answer.Targets[2].Conversion!.Finding));
    }

    /// <summary>10 of team x and 50 of y came to SAL, on 3 January. Garwood's interval of 10 is 4.8 to 18.4, of 60 it is 45.8 to 77.2.</summary>
    [Fact]
    public void A_volume_is_held_against_the_last_period_that_has_ended()
    {
        var (answer, words) = Diagnose(
            Query(
                Details(Stage.Mql, Stage.Sal, new Goal.Volume(20, PeriodKind.Quarter), "team", "x"),
                Details(Stage.Mql, Stage.Sal, new Goal.Volume(70, PeriodKind.Quarter)),
                Details(Stage.Mql, Stage.Sal, new Goal.Volume(60, PeriodKind.Quarter)),
                Details(Stage.Mql, Stage.Sal, new Goal.Volume(60, PeriodKind.Day))),
            Walks(10, "x", Stage.Sal), Walks(50, "y", Stage.Sal), Walks(7, "y", Stage.Mql));

        Assert.Equal(
            [
                "MQL → SAL of team x: 10 reached SAL in 2026-Q1 against a target of 20: 10 short, more than chance explains (5 to 18 with 95%). No pair and no segment is measured by it: a volume is no rate: closing its gap has no price.",
                "MQL → SAL: 60 reached SAL in 2026-Q1 against a target of 70: 10 short, no more than chance explains (46 to 77 with 95%). No pair and no segment is measured by it: a volume is no rate: closing its gap has no price.",
                "MQL → SAL: 60 reached SAL in 2026-Q1 against a target of 60. No pair and no segment is measured by it: a volume is no rate: closing its gap has no price.",
                "MQL → SAL: no period has ended. No pair and no segment is measured by it: a volume is no rate: closing its gap has no price.",
            ],
            answer.Targets.Select(words.Of));
    }
}
