using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>Where leads come from, and what becomes of them.</summary>
/// <param name="Share">Of the volume; all channels together 1.</param>
/// <param name="Rates">For each of the five pairs, the probability that a journey that entered the first stage ever reaches the second.</param>
/// <param name="Days">For each of the five pairs, the median of the days that this takes.</param>
/// <param name="PulledShare">Of its journeys, those that sales begins itself, in SAL.</param>
/// <param name="CostPerTouch">In EUR; 0 where nobody knows it.</param>
/// <param name="SpendPerLead">In EUR, beside the touches: the median of what a month costs, by the leads to be expected in it. 0: nothing.</param>
sealed record ChannelTruth(string Name, double Share, double[] Rates, double[] Days, double PulledShare, decimal CostPerTouch, double SpendPerLead);

/// <param name="Share">Of the leads of every channel.</param>
/// <param name="Rates">Each pair's rate is multiplied by these.</param>
/// <param name="Days">Every median time is multiplied by this.</param>
/// <param name="Amount">The median amount of a deal, EUR.</param>
sealed record SegmentTruth(string Name, double Share, double[] Rates, double Days, double Amount);

/// <summary>Reps of one speed. A journey gets one of them when it reaches sales, whatever its channel and segment.</summary>
/// <param name="Kind">Of no channel's and no segment's name.</param>
/// <param name="Days">From MQL on every median time is multiplied by this.</param>
sealed record RepsTruth(string Kind, string[] Names, double Share, double Days);

/// <summary>How journeys leave a stage.</summary>
/// <param name="Spread">The standard deviation of the logarithm of the time to the next stage.</param>
/// <param name="SkipShare">Of those that go on, those that skip the next stage and enter the one after it.</param>
/// <param name="ExitShare">Of those that never go on, those that take an exit; the others stay for ever.</param>
/// <param name="ExitDays">The median time to the exit.</param>
/// <param name="ExitSpread">The standard deviation of its logarithm.</param>
/// <param name="Exits">Which exit, and how many of a hundred.</param>
/// <param name="Horizon">Days after which conversion to the next stage is compared.</param>
sealed record StageTruth(
    Stage Stage, double Spread, double SkipShare, double ExitShare, double ExitDays, double ExitSpread, (Stage Exit, double Share)[] Exits, int Horizon);

/// <summary>Everything that is true of the simulated company, in one place. docs/simulator.md explains it.</summary>
/// <remarks>
/// A journey's channel, segment and rep are drawn apart; then each stage's fate and time apart, so that every conversion rate follows from
/// these figures alone. Figures of the five pairs are in the order of the waterfall.
/// </remarks>
static class SimulatedWorld
{
    /// <summary>Days from LEAD after which the wins are compared.</summary>
    public const int WholeHorizon = 180;

    /// <summary>Of recycled journeys, those whose lead comes back with a next one, after how many days (median), with what spread.</summary>
    public const double ReturnShare = 0.4;
    public const double ReturnDays = 45;
    public const double ReturnSpread = 0.6;
    public const int MostJourneys = 3;

    /// <summary>Of won journeys, those that buy again, after how many days, with what spread; and again of those.</summary>
    public const double RepeatShare = 0.3;
    public const double RepeatDays = 120;
    public const double RepeatSpread = 0.5;
    public const int MostRepeats = 4;

    /// <summary>Of journeys with several rows, those of which one row is told late, and those of which one is told wrong first.</summary>
    public const double LateShare = 0.03;
    public const double WrongShare = 0.02;

    /// <summary>After each touch, whether another one follows, and whether it is of the journey's own channel; the others are of any.</summary>
    public const double TouchAgainShare = 0.45;
    public const double TouchOfOwnChannelShare = 0.5;
    public const int MostTouches = 8;

    /// <summary>Touches go on until a journey ends, and for so many days after the last row of one that is open.</summary>
    public const double TouchDays = 30;

    /// <summary>The spread of deal amounts.</summary>
    public const double AmountSpread = 0.7;

    /// <summary>The spread of what a month costs.</summary>
    public const double SpendSpread = 0.25;

    public static ChannelTruth[] Channels { get; } =
    [
        new("paid-search", 0.17, [0.30, 0.54, 0.45, 0.56, 0.21], [1.0, 1.2, 6, 10, 38], 0.00, 6.50m, 1.2),
        new("organic-search", 0.16, [0.36, 0.60, 0.50, 0.60, 0.25], [1.5, 1.2, 6, 11, 40], 0.00, 0, 2.5),
        new("web-form", 0.14, [0.44, 0.67, 0.54, 0.63, 0.28], [0.6, 0.8, 5, 9, 35], 0.00, 0, 0),
        new("email", 0.10, [0.38, 0.60, 0.49, 0.59, 0.24], [2.0, 1.4, 6, 11, 40], 0.00, 0.20m, 0.4),
        new("paid-social", 0.10, [0.22, 0.45, 0.40, 0.51, 0.17], [2.5, 2.0, 8, 13, 46], 0.00, 4.20m, 1.5),
        new("event", 0.08, [0.42, 0.64, 0.51, 0.61, 0.26], [4.0, 1.6, 7, 12, 44], 0.05, 38m, 45),
        new("webinar", 0.07, [0.39, 0.59, 0.47, 0.59, 0.23], [2.0, 1.5, 7, 11, 42], 0.00, 9m, 6),
        new("content", 0.06, [0.27, 0.51, 0.43, 0.55, 0.20], [3.0, 1.8, 8, 13, 45], 0.00, 2.80m, 11),
        new("partner", 0.04, [0.52, 0.72, 0.60, 0.68, 0.33], [1.2, 0.9, 5, 9, 34], 0.10, 15m, 18),
        new("referral", 0.03, [0.56, 0.76, 0.64, 0.70, 0.37], [0.8, 0.7, 4, 8, 30], 0.05, 0, 0),
        new("outbound", 0.03, [0.25, 0.66, 0.52, 0.60, 0.22], [5.0, 1.0, 7, 12, 45], 0.30, 12m, 16),
        new("community", 0.02, [0.33, 0.58, 0.50, 0.62, 0.29], [3.0, 1.5, 6, 10, 36], 0.00, 0.50m, 3),
    ];

    public static SegmentTruth[] Segments { get; } =
    [
        new("smb", 0.50, [1.04, 0.97, 1.00, 0.98, 1.06], 0.85, 4_000),
        new("mid-market", 0.32, [1.00, 1.00, 1.00, 1.00, 1.00], 1.00, 18_000),
        new("enterprise", 0.18, [0.90, 1.10, 1.02, 1.04, 0.85], 1.40, 90_000),
    ];

    public static RepsTruth[] Reps { get; } =
    [
        new("fast reps", ["rep-01", "rep-02"], 0.25, 0.70),
        new("usual reps", ["rep-03", "rep-04", "rep-05", "rep-06"], 0.50, 1.00),
        new("slow reps", ["rep-07", "rep-08", "rep-09"], 0.25, 1.60),
    ];

    /// <summary>LEAD to OPPORTUNITY.</summary>
    public static StageTruth[] Stages { get; } =
    [
        new(Stage.Lead, 1.2, 0.04, 0.35, 20, 1.0, [(Stage.Disqualified, 100)], 30),
        new(Stage.Mql, 1.0, 0.00, 0.85, 4, 0.9, [(Stage.Rejected, 55), (Stage.Recycled, 30), (Stage.Disqualified, 15)], 14),
        new(Stage.Sal, 0.9, 0.03, 0.85, 12, 0.9, [(Stage.Recycled, 60), (Stage.Disqualified, 40)], 30),
        new(Stage.Sql, 0.8, 0.00, 0.80, 20, 0.8, [(Stage.Recycled, 65), (Stage.Disqualified, 35)], 30),
        new(Stage.Opportunity, 0.7, 0.00, 0.92, 55, 0.7, [(Stage.ClosedLost, 100)], 90),
    ];

    /// <summary>For each month of the year, how many journeys start compared with an average month.</summary>
    public static double[] Volume { get; } = [0.95, 1.00, 1.15, 1.05, 1.00, 0.95, 0.75, 0.70, 1.15, 1.20, 1.20, 0.90];

    /// <summary>For each month of the year, what the rate from LEAD to MQL is multiplied by for journeys that start in it.</summary>
    public static double[] Season { get; } = [1.05, 1.05, 1.05, 1.00, 1.00, 0.95, 0.90, 0.90, 1.05, 1.05, 1.00, 0.85];

    public static string[] Reasons { get; } = ["no budget", "no need", "bad timing", "went with a competitor", "no answer", "wrong contact"];
}
