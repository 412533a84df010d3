using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>Follows one journey from stage to stage until it ends, stays, or <paramref name="until"/> is reached.</summary>
sealed class Walk(SeededRandom random, ChannelTruth channel, SegmentTruth segment, DateTimeOffset until)
{
    const int Sal = (int)Stage.Sal;
    const int Won = (int)Stage.ClosedWon;

    readonly List<SimulatedRow> _rows = [];
    readonly RepsTruth _reps = SimulatedWorld.Reps[random.NextChoice([.. SimulatedWorld.Reps.Select(truth => truth.Share)])];
    string _rep = "";
    decimal _amount;

    /// <returns>At least the row of the start.</returns>
    public IReadOnlyList<SimulatedRow> Follow(DateTimeOffset start)
    {
        _rep = _reps.Names[(int)(random.NextUnit() * _reps.Names.Length)];
        _amount = 10 * Math.Max(1, (long)Math.Floor(random.NextLogNormal(segment.Amount / 10, SimulatedWorld.AmountSpread)));
        var stage = random.NextChance(channel.PulledShare) ? Sal : 0;
        var (at, season) = (start, Generator.SeasonOf(start));
        Enter((Stage)stage, at);
        while (stage < Won)
        {
            var truth = SimulatedWorld.Stages[stage];
            var rate = channel.Rates[stage] * segment.Rates[stage] * (stage == 0 ? season : 1);
            var pace = segment.Days * (stage == 0 ? 1 : _reps.Days);
            if (random.NextChance(rate))
            {
                at += Generator.Delay(random, channel.Days[stage] * pace, truth.Spread);
                stage += random.NextChance(truth.SkipShare) ? 2 : 1;
                if (!Enter((Stage)stage, at))
                {
                    return _rows;
                }
            }
            else
            {
                if (random.NextChance(truth.ExitShare))
                {
                    at += Generator.Delay(random, truth.ExitDays * pace, truth.ExitSpread);
                    Enter(truth.Exits[random.NextChoice([.. truth.Exits.Select(exit => exit.Share)])].Exit, at);
                }
                return _rows;
            }
        }
        BuyAgain(at);
        return _rows;
    }

    void BuyAgain(DateTimeOffset at)
    {
        var (days, spread) = (channel.Days[^1] * segment.Days * _reps.Days, SimulatedWorld.Stages[^1].Spread);
        for (var repeat = 0; repeat < SimulatedWorld.MostRepeats && random.NextChance(SimulatedWorld.RepeatShare); repeat++)
        {
            at += Generator.Delay(random, SimulatedWorld.RepeatDays, SimulatedWorld.RepeatSpread);
            if (!Enter(Stage.Opportunity, at))
            {
                return;
            }
            at += Generator.Delay(random, days, spread);
            if (!Enter(Stage.ClosedWon, at))
            {
                return;
            }
        }
    }

    /// <returns>False where that has not happened yet.</returns>
    bool Enter(Stage stage, DateTimeOffset at)
    {
        if (at > until)
        {
            return false;
        }
        var isDeal = stage is Stage.Opportunity or Stage.ClosedWon or Stage.ClosedLost;
        var ofMarketing = stage is Stage.Lead or Stage.Mql || (stage == Stage.Disqualified && _rows[^1].To == Stage.Lead);
        var reason = stage.IsExit() ? SimulatedWorld.Reasons[(int)(random.NextUnit() * SimulatedWorld.Reasons.Length)] : "";
        _rows.Add(new SimulatedRow(stage, at, ofMarketing ? null : _rep, reason, isDeal ? _amount : null));
        return true;
    }
}
