using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>Draws leads and their journeys from <see cref="SimulatedWorld"/>: the same options draw the same rows, on any machine.</summary>
/// <remarks>Each lead has random numbers of its own, so that leads can be drawn one by one, in any order.</remarks>
sealed class Generator
{
    const double MostDays = 36_500;

    readonly SimulationOptions _options;
    readonly double[] _daysSoFar;
    readonly DateTimeOffset _from;

    public Generator(SimulationOptions options)
    {
        _options = options;
        _from = options.From;
        var sum = 0.0;
        _daysSoFar = [.. Enumerable.Range(0, options.Days).Select(day => sum += VolumeOf(options.From.AddDays(day)))];
    }

    /// <summary>How many journeys start on a day, compared with an average one.</summary>
    public static double VolumeOf(DateTimeOffset at) => SimulatedWorld.Volume[at.Month - 1];

    /// <summary>What a journey that starts then has its rate from LEAD to MQL multiplied by.</summary>
    public static double SeasonOf(DateTimeOffset at) => SimulatedWorld.Season[at.Month - 1];

    /// <summary>Every journey, lead after lead.</summary>
    public IEnumerable<SimulatedJourney> Journeys() => Leads().SelectMany(lead => lead);

    /// <summary>The journeys of every lead, at least one.</summary>
    public IEnumerable<IReadOnlyList<SimulatedJourney>> Leads()
    {
        for (var lead = 0L; lead < _options.Journeys; lead++)
        {
            var random = new SeededRandom(_options.Seed, lead);
            yield return [.. JourneysOf(lead, random, StartOf(random), _options.Until)];
        }
    }

    /// <summary>The journeys of one lead that starts at a given instant.</summary>
    public IEnumerable<SimulatedJourney> JourneysFrom(long lead, DateTimeOffset start, DateTimeOffset until) =>
        JourneysOf(lead, new SeededRandom(_options.Seed, lead), start, until);

    DateTimeOffset StartOf(SeededRandom random)
    {
        var draw = random.NextUnit() * _daysSoFar[^1];
        var found = Array.BinarySearch(_daysSoFar, draw);
        var day = found < 0 ? ~found : found + 1;
        return _from.AddDays(Math.Min(day, _daysSoFar.Length - 1)) + InMilliseconds(random.NextUnit());
    }

    static IEnumerable<SimulatedJourney> JourneysOf(long lead, SeededRandom random, DateTimeOffset start, DateTimeOffset until)
    {
        var channel = SimulatedWorld.Channels[random.NextChoice([.. SimulatedWorld.Channels.Select(truth => truth.Share)])];
        var segment = SimulatedWorld.Segments[random.NextChoice([.. SimulatedWorld.Segments.Select(truth => truth.Share)])];
        for (var number = 1; number <= SimulatedWorld.MostJourneys && start < until; number++)
        {
            var rows = new Walk(random, channel, segment, until).Follow(start);
            var (late, wrong) = (random.NextChance(SimulatedWorld.LateShare), random.NextChance(SimulatedWorld.WrongShare));
            var draw = random.NextUnit();
            var campaign = CampaignOf(channel, start, random.NextUnit());
            var journey = new SimulatedJourney(lead, number, channel, segment, campaign, rows, Late: null, Wrong: null);
            var index = 1 + (int)(draw * (rows.Count - 1));
            yield return rows.Count == 1 ? journey
                : late && CanBeLate(rows, index) ? journey with { Late = index }
                : wrong ? journey with { Wrong = index }
                : journey;

            if (rows[^1].To != Stage.Recycled || !random.NextChance(SimulatedWorld.ReturnShare))
            {
                yield break;
            }
            start = rows[^1].At + Delay(random, SimulatedWorld.ReturnDays, SimulatedWorld.ReturnSpread);
        }
    }

    /// <summary>What touched a lead on one journey, in the order of time: the first touch starts it, others come before it has an end.</summary>
    /// <param name="until">What would happen later has not happened. Null: nobody knows of an end of time.</param>
    public IReadOnlyList<Touch> TouchesOf(SimulatedJourney journey, DateTimeOffset? until = null)
    {
        const long touches = 0x746f_7563;
        var random = new SeededRandom(_options.Seed ^ touches, (journey.Lead * SimulatedWorld.MostJourneys) + journey.Number - 1);
        var (first, last) = (journey.Rows[0].At, journey.Rows[^1]);
        var days = (last.At - first).TotalDays + (last.To.IsExit() || last.To == Stage.ClosedWon ? 0 : SimulatedWorld.TouchDays);
        var drawn = new List<Touch> { new(journey.Channel.Name, journey.Campaign, first, journey.Channel.CostPerTouch) };
        while (random.NextChance(SimulatedWorld.TouchAgainShare) && drawn.Count < SimulatedWorld.MostTouches)
        {
            var isOwn = random.NextChance(SimulatedWorld.TouchOfOwnChannelShare);
            var other = isOwn ? journey.Channel : SimulatedWorld.Channels[(int)(random.NextUnit() * SimulatedWorld.Channels.Length)];
            var at = first + InMilliseconds(random.NextUnit() * days);
            drawn.Add(new Touch(other.Name, CampaignOf(other, at, random.NextUnit()), at, other.CostPerTouch));
        }
        return [.. drawn.Where(touch => !(touch.At > until)).OrderBy(touch => touch.At)];
    }

    /// <summary>Whether the rest is a history too, whose rows stay with the services that have them.</summary>
    public static bool CanBeLate(IReadOnlyList<SimulatedRow> rows, int index) =>
        index == rows.Count - 1
        || (Moves.OwnerOf(rows[index - 1].To, rows[index + 1].To, Origin.Import) is { } owner
            && owner == Moves.OwnerOf(rows[index].To, rows[index + 1].To, Origin.Import));

    /// <summary>The time of a log-normal number of days, 1 ms at least.</summary>
    public static TimeSpan Delay(SeededRandom random, double median, double spread) =>
        InMilliseconds(Math.Min(MostDays, random.NextLogNormal(median, spread))) is var delay && delay > TimeSpan.Zero ? delay : TimeSpan.FromMilliseconds(1);

    static TimeSpan InMilliseconds(double days) => TimeSpan.FromTicks((long)Math.Floor(days * 86_400_000) * TimeSpan.TicksPerMillisecond);

    /// <summary>Campaigns run for a quarter, beside one that never ends.</summary>
    static string CampaignOf(ChannelTruth channel, DateTimeOffset start, double draw) =>
        draw < 0.4 ? $"{channel.Name}-always-on" : string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{channel.Name}-{start.Year}-q{(start.Month + 2) / 3}-{(draw < 0.7 ? "a" : "b")}");
}
