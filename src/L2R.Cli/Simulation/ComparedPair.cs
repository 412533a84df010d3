using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>What an interval says of the truth.</summary>
enum Verdict
{
    /// <summary>The 95% interval covers it.</summary>
    Covers,

    /// <summary>That one does not, as about one in twenty doesn't; the simultaneous one does.</summary>
    ByChance,

    /// <summary>The simultaneous one does not either.</summary>
    Misses,
}

/// <summary>A measured share beside the truth.</summary>
/// <param name="Low">The lower end of the measured 95% interval. Null where there is none.</param>
sealed record Compared(double? Truth, double? Measured, double? Low, double? High)
{
    /// <summary>The lower end of the interval that is judged by. Null where the share is not judged.</summary>
    public double? SimultaneousLow { get; init; }

    public double? SimultaneousHigh { get; init; }

    /// <summary>Whether the 95% interval does. Null where one of the two is missing.</summary>
    public bool? Covers => Within(Low, High);

    /// <summary>Null where the share is not judged.</summary>
    public Verdict? Verdict => Within(SimultaneousLow, SimultaneousHigh) switch
    {
        null => null,
        false => Simulation.Verdict.Misses,
        true => Covers == true ? Simulation.Verdict.Covers : Simulation.Verdict.ByChance,
    };

    bool? Within(double? from, double? to) => Truth is { } truth && from is { } low && to is { } high ? low <= truth && truth <= high : null;
}

/// <summary>One pair of stages in one channel, one segment or with one kind of reps.</summary>
/// <param name="Channel">Or another such group. Null: all of them.</param>
/// <param name="Days">The horizon.</param>
/// <param name="Converted">Those of them that reached the second stage within the horizon.</param>
/// <param name="N">Mature journeys of the cohort.</param>
sealed record ComparedPair(string? Channel, Stage From, Stage To, int Days, long Converted, long N, Compared Rate, Compared Curve)
{
    /// <summary>Enough conversions for the curve's interval, which is right for large numbers only.</summary>
    public const int Enough = 30;

    /// <summary>Whether its interval says something that the others don't: each journey is in one channel, and each pair's outcome is new.</summary>
    public bool IsIndependent => SimulatedWorld.Channels.Any(channel => channel.Name == Channel) && (From, To) != (Stage.Lead, Stage.ClosedWon);

    public bool IsCurveLarge => N * Curve.Truth >= Enough && N * (1 - Curve.Truth) >= Enough;

    bool IsRateJudged => Rate.Covers is not null;

    bool IsCurveJudged => IsCurveLarge && Curve.Covers is not null;

    /// <summary>The pairs with their simultaneous intervals: each is as wide as the number of all of them asks for.</summary>
    public static IReadOnlyList<ComparedPair> Judge(IReadOnlyList<ComparedPair> pairs)
    {
        var count = pairs.Sum(pair => (pair.IsRateJudged ? 1 : 0) + (pair.IsCurveJudged ? 1 : 0));
        return [.. pairs.Select(pair => pair with
        {
            Rate = pair.IsRateJudged ? Widened(pair.Rate, Simultaneous.OfRate(pair.Converted, pair.N, count)) : pair.Rate,
            Curve = pair.IsCurveJudged
                ? Widened(pair.Curve, Simultaneous.OfCurve(pair.Curve.Measured!.Value, pair.Curve.Low!.Value, pair.Curve.High!.Value, count))
                : pair.Curve,
        })];

        static Compared Widened(Compared share, (double Low, double High) interval) => share with { SimultaneousLow = interval.Low, SimultaneousHigh = interval.High };
    }
}
