namespace L2R.Cli.Simulation;

/// <summary>What is true of one pair.</summary>
/// <param name="Days">The horizon.</param>
/// <param name="Cohort">Mature journeys of the cohort to be expected for each lead that starts.</param>
/// <param name="Rate">The probability that a journey of a mature cohort has converted within the horizon; null where none is that old.</param>
/// <param name="Curve">What the curve estimates at the horizon: the hazards of those still followed, put together.</param>
sealed record PairTruth(int Days, double Cohort, double? Rate, double? Curve);

/// <summary>What is true of a simulation's conversions, computed from <see cref="SimulatedWorld"/>, without a drawn journey.</summary>
/// <remarks>
/// Within a class (channel, segment, kind of rep) the probability of conversion within h is a closed form. A cohort is a mix of classes, in
/// the shares in which they have reached the first stage h before the end, which follow from sums of log-normal times. Those are sums of
/// masses at whole days: they decide only the mix, and the whole way from LEAD to CLOSED_WON, which takes months. Journeys whose first stage
/// is inferred convert at once.
/// </remarks>
sealed class SimulatedTruth
{
    readonly List<(string[] Groups, Cohort[] Pairs)> _classes = [];
    readonly DateTimeOffset _from;
    readonly int _days;

    SimulatedTruth(SimulationOptions options) => (_from, _days) = (options.From, options.Days);

    /// <summary>Takes about a second for two years.</summary>
    public static SimulatedTruth Of(SimulationOptions options)
    {
        var truth = new SimulatedTruth(options);
        var (starts, seasoned) = Starts(options);
        var season = Enumerable.Range(0, options.Days + 1)
            .Select(day => (Generator.SeasonOf(options.From.AddDays(day)) + Generator.SeasonOf(options.From.AddDays(day - 1))) / 2).ToArray();
        var returning = DelayGrid.OfLogNormal(SimulatedWorld.ReturnDays, SimulatedWorld.ReturnSpread, options.Days + 1);
        foreach (var channel in SimulatedWorld.Channels)
        {
            foreach (var segment in SimulatedWorld.Segments)
            {
                var classes = SimulatedWorld.Reps.Select(reps => new ClassFlow(channel, segment, reps, options.Days)).ToList();
                var (next, nextSeasoned) = (Scaled(starts, channel.Share * segment.Share), Scaled(seasoned, channel.Share * segment.Share));
                for (var number = 1; number <= SimulatedWorld.MostJourneys; number++)
                {
                    var recycled = new double[options.Days + 1];
                    foreach (var (flow, reps) in classes.Zip(SimulatedWorld.Reps))
                    {
                        var again = flow.Add(Scaled(next, reps.Share), Scaled(nextSeasoned, reps.Share));
                        recycled = [.. recycled.Zip(again, (sum, mass) => sum + mass)];
                    }
                    next = Scaled(DelayGrid.Sum(recycled, returning), SimulatedWorld.ReturnShare);
                    nextSeasoned = [.. next.Zip(season, (mass, factor) => mass * factor)];
                }
                truth._classes.AddRange(classes.Zip(SimulatedWorld.Reps, (flow, reps) => (new[] { channel.Name, segment.Name, reps.Kind }, Cohort.Of(flow))));
            }
        }
        return truth;
    }

    /// <param name="group">A channel, a segment or a kind of reps. Null: all of them.</param>
    /// <param name="pair">As in <see cref="SimulatedCounts.Pairs"/>.</param>
    public PairTruth Find(string? group, int pair)
    {
        var horizon = HorizonOf(pair);
        var cohorts = _classes.Where(one => group is null || one.Groups.Contains(group)).Select(one => one.Pairs[pair]).ToList();
        if (horizon >= _days)
        {
            return new PairTruth(horizon, Cohort: 0, null, null);
        }
        var mature = _days - horizon;
        var n = cohorts.Sum(cohort => cohort.Entered[mature] + cohort.Inferred[mature]);
        var converted = cohorts.Sum(cohort => (cohort.Seasoned[mature] * cohort.Law.Converted[horizon]) + cohort.Inferred[mature]);
        return new PairTruth(horizon, n, n > 0 ? converted / n : null, CurveOf(cohorts, horizon));
    }

    /// <summary>From LEAD to MQL, of the leads of one month: all of its season. Without a curve.</summary>
    /// <param name="month">Its first instant.</param>
    public PairTruth FindMonth(DateTimeOffset month)
    {
        var horizon = HorizonOf(0);
        var (first, mature) = (Math.Max(0, (month - _from).Days), Math.Min((month.AddMonths(1) - _from).Days, _days - horizon));
        if (mature <= first)
        {
            return new PairTruth(horizon, Cohort: 0, null, null);
        }
        var leads = _classes.ConvertAll(one => (N: one.Pairs[0].Entered[mature] - one.Pairs[0].Entered[first], one.Pairs[0].Law));
        var n = leads.Sum(lead => lead.N);
        return new PairTruth(horizon, n, Generator.SeasonOf(month) * leads.Sum(lead => lead.N * lead.Law.Converted[horizon]) / n, null);
    }

    /// <summary>Days.</summary>
    public static int HorizonOf(int pair) => pair < SimulatedWorld.Stages.Length ? SimulatedWorld.Stages[pair].Horizon : SimulatedWorld.WholeHorizon;

    double? CurveOf(List<Cohort> cohorts, int horizon)
    {
        var atOnce = cohorts.Sum(cohort => cohort.Inferred[_days]);
        var all = atOnce + cohorts.Sum(cohort => cohort.Entered[_days]);
        if (all <= 0)
        {
            return null;
        }
        var (survival, incidence) = (1 - (atOnce / all), atOnce / all);
        for (var day = 0; day < horizon; day++)
        {
            var (atRisk, converted, ended) = (0.0, 0.0, 0.0);
            foreach (var cohort in cohorts)
            {
                // Those that are followed to the middle of the day: half of those who leave the view within it.
                var n = (cohort.Entered[_days - day] + cohort.Entered[_days - day - 1]) / 2;
                var seasoned = (cohort.Seasoned[_days - day] + cohort.Seasoned[_days - day - 1]) / 2;
                var (law, never) = (cohort.Law, n - (seasoned * cohort.Law.GoesOn));
                atRisk += n - (seasoned * (law.Converted[day] + law.EndedLater[day])) - (never * law.Ended[day]);
                converted += seasoned * (law.Converted[day + 1] - law.Converted[day]);
                ended += (seasoned * (law.EndedLater[day + 1] - law.EndedLater[day])) + (never * (law.Ended[day + 1] - law.Ended[day]));
            }
            if (atRisk <= 0)
            {
                return null;
            }
            incidence += survival * converted / atRisk;
            survival *= 1 - ((converted + ended) / atRisk);
        }
        return incidence;
    }

    /// <summary>How many start by day, as shares of all; and the same, each times what its season multiplies its rate by.</summary>
    static (double[] Starts, double[] Seasoned) Starts(SimulationOptions options)
    {
        var (starts, seasoned) = (new double[options.Days + 1], new double[options.Days + 1]);
        var days = Enumerable.Range(0, options.Days).Select(day => options.From.AddDays(day)).ToList();
        var all = days.Sum(Generator.VolumeOf);
        foreach (var (day, at) in days.Index())
        {
            // Evenly over the day: half its mass stands at each end.
            var half = Generator.VolumeOf(at) / all / 2;
            starts[day] += half;
            starts[day + 1] += half;
            seasoned[day] += half * Generator.SeasonOf(at);
            seasoned[day + 1] += half * Generator.SeasonOf(at);
        }
        return (starts, seasoned);
    }

    static double[] Scaled(double[] masses, double by) => [.. masses.Select(mass => mass * by)];

    /// <summary>The cohort of one class at the first stage of a pair; lists are of what has come up to each day.</summary>
    sealed record Cohort(double[] Entered, double[] Seasoned, double[] Inferred, PairLaw Law)
    {
        public static Cohort[] Of(ClassFlow flow)
        {
            var leads = DelayGrid.Cumulate(flow.SeasonedLeads);
            var pairs = flow.Entered.Select((masses, stage) =>
            {
                var entered = DelayGrid.Cumulate(masses);
                return new Cohort(entered, stage == 0 ? leads : entered, DelayGrid.Cumulate(flow.Inferred[stage]), flow.LawOf(stage));
            }).ToList();
            return [.. pairs, pairs[0] with { Law = flow.LawOfWinning() }];
        }
    }
}
