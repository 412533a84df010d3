using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>When journeys of one channel, one segment and one kind of rep enter each stage, as masses at whole days.</summary>
/// <param name="days">From the first day of the simulation to its last.</param>
sealed class ClassFlow(ChannelTruth channel, SegmentTruth segment, RepsTruth reps, int days)
{
    const int Pairs = 5;

    readonly double[][] _toNext = [.. Enumerable.Range(0, Pairs).Select(stage =>
        DelayGrid.OfLogNormal(channel.Days[stage] * Pace(stage, segment, reps), SimulatedWorld.Stages[stage].Spread, days + 1))];

    readonly double[][] _toExit = [.. Enumerable.Range(0, Pairs).Select(stage => DelayGrid.OfLogNormal(
        SimulatedWorld.Stages[stage].ExitDays * Pace(stage, segment, reps), SimulatedWorld.Stages[stage].ExitSpread, days + 1))];

    /// <summary>Entries of LEAD to OPPORTUNITY, by day.</summary>
    public double[][] Entered { get; } = Empty(days, Pairs);

    /// <summary>The same of stages that are only inferred: the next one was entered instead.</summary>
    public double[][] Inferred { get; } = Empty(days, Pairs);

    /// <summary>Entries of LEAD, each times what its season multiplies its rate by.</summary>
    public double[] SeasonedLeads { get; } = new double[days + 1];

    /// <summary>The probability that a journey in a stage ever goes on, in a season of 1.</summary>
    public double Rate(int stage) => channel.Rates[stage] * segment.Rates[stage];

    /// <summary>Adds journeys by the day of their start.</summary>
    /// <param name="seasoned">The same, each times what its season multiplies the rate of LEAD by.</param>
    /// <returns>Those that are recycled, by day.</returns>
    public double[] Add(double[] starts, double[] seasoned)
    {
        var leads = Scaled(starts, 1 - channel.PulledShare);
        var goOn = Scaled(seasoned, 1 - channel.PulledShare);
        Increase(SeasonedLeads, goOn, 1);
        var (entered, inferred) = Follow(leads, goOn, Scaled(starts, channel.PulledShare));
        var recycled = new double[days + 1];
        for (var stage = 0; stage < Pairs; stage++)
        {
            Increase(Entered[stage], entered[stage], 1);
            Increase(Inferred[stage], inferred[stage], 1);
            var exits = SimulatedWorld.Stages[stage].Exits;
            var share = exits.Where(exit => exit.Exit == Stage.Recycled).Sum(exit => exit.Share) / exits.Sum(exit => exit.Share);
            if (share > 0)
            {
                Increase(recycled, DelayGrid.Sum(entered[stage], _toExit[stage]), share * ExitRate(stage));
            }
        }
        return recycled;
    }

    /// <summary>The law of conversion from one stage to the next, of a journey that entered the first one.</summary>
    public PairLaw LawOf(int stage) => new(
        Converted: [.. Enumerable.Range(0, days + 1).Select(day => Rate(stage)
            * DelayGrid.LogNormal(day, channel.Days[stage] * Pace(stage, segment, reps), SimulatedWorld.Stages[stage].Spread))],
        EndedLater: new double[days + 1],
        GoesOn: Rate(stage),
        Ended: EndedIn(stage));

    /// <summary>The law of winning, of a journey that entered LEAD.</summary>
    public PairLaw LawOfWinning()
    {
        var lead = new double[days + 1];
        lead[0] = 1;
        var (entered, _) = Follow(lead, lead, new double[days + 1]);
        var ended = new double[days + 1];
        for (var stage = 1; stage < Pairs; stage++)
        {
            Increase(ended, DelayGrid.Sum(entered[stage], _toExit[stage]), ExitRate(stage));
        }
        return new PairLaw(DelayGrid.Cumulate(entered[Pairs]), DelayGrid.Cumulate(ended), Rate(0), EndedIn(0));
    }

    /// <summary>Entries of every stage, and stages inferred, of journeys that enter LEAD or start in SAL.</summary>
    (double[][] Entered, double[][] Inferred) Follow(double[] leads, double[] goOn, double[] pulled)
    {
        var (entered, inferred) = (Empty(days, Pairs + 1), Empty(days, Pairs + 1));
        (entered[0], entered[(int)Stage.Sal]) = (leads, pulled);
        for (var stage = 0; stage < Pairs; stage++)
        {
            var (on, skips) = (DelayGrid.Sum(stage == 0 ? goOn : entered[stage], _toNext[stage]), SimulatedWorld.Stages[stage].SkipShare);
            Increase(entered[stage + 1], on, Rate(stage) * (1 - skips));
            if (skips > 0)
            {
                Increase(inferred[stage + 1], on, Rate(stage) * skips);
                Increase(entered[stage + 2], on, Rate(stage) * skips);
            }
        }
        return (entered, inferred);
    }

    double ExitRate(int stage) => (1 - Rate(stage)) * SimulatedWorld.Stages[stage].ExitShare;

    double[] EndedIn(int stage) => [.. Enumerable.Range(0, days + 1).Select(day => SimulatedWorld.Stages[stage].ExitShare * DelayGrid.LogNormal(
        day, SimulatedWorld.Stages[stage].ExitDays * Pace(stage, segment, reps), SimulatedWorld.Stages[stage].ExitSpread))];

    static double Pace(int stage, SegmentTruth segment, RepsTruth reps) => segment.Days * (stage == 0 ? 1 : reps.Days);

    static double[][] Empty(int days, int count) => [.. Enumerable.Range(0, count).Select(_ => new double[days + 1])];

    static double[] Scaled(double[] masses, double by) => [.. masses.Select(mass => mass * by)];

    static void Increase(double[] masses, double[] by, double times)
    {
        for (var day = 0; day < masses.Length; day++)
        {
            masses[day] += by[day] * times;
        }
    }
}

/// <summary>What has become of a journey some days after it entered the first stage of a pair; each list is by days from 0.</summary>
/// <param name="Converted">The probability that it has reached the second stage, in a season of 1.</param>
/// <param name="EndedLater">That it has gone on and ended at a later stage before the second one, in a season of 1.</param>
/// <param name="GoesOn">That it ever leaves the first stage for a later one, in a season of 1.</param>
/// <param name="Ended">That it has ended at the first stage, of those that never leave it for a later one.</param>
sealed record PairLaw(double[] Converted, double[] EndedLater, double GoesOn, double[] Ended);
