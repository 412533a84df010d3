using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Pipelines;

/// <summary>Counts what sales did with journeys that became MQL.</summary>
sealed class HandoffTally(TimeSpan? sla, DateTimeOffset asOf)
{
    readonly List<long> _responses = [];
    long _cohort;
    long _startedAbove;
    long _decided;
    long _accepted;
    long _inferred;
    long _met;
    long _breached;
    long _notYetDue;
    long _ended;
    long _noStart;

    /// <param name="journey">One that reached MQL.</param>
    public void Add(JourneyFacts journey)
    {
        if (journey.StartedAt > Stage.Mql)
        {
            _startedAbove++;
            return;
        }
        _cohort++;
        var mql = journey.Reach(Stage.Mql)!.Value;
        var (decision, action) = FirstSteps(journey);
        _decided += decision is null ? 0 : 1;
        _accepted += decision?.IsStage() == true ? 1 : 0;
        if (action is { } acted)
        {
            if (mql.By == Stage.Mql && acted.By is Stage.Sal or Stage.Rejected)
            {
                _responses.Add((acted.At - mql.At).Ticks);
            }
            else
            {
                _inferred++;
            }
        }
        if (sla is { } within)
        {
            AddDue(journey, mql, action?.At, mql.At + within);
        }
    }

    public void Add(HandoffTally other)
    {
        _responses.AddRange(other._responses);
        _cohort += other._cohort;
        _startedAbove += other._startedAbove;
        _decided += other._decided;
        _accepted += other._accepted;
        _inferred += other._inferred;
        _met += other._met;
        _breached += other._breached;
        _notYetDue += other._notYetDue;
        _ended += other._ended;
        _noStart += other._noStart;
    }

    public HandoffFigures ToFigures() => new(
        _cohort,
        _startedAbove,
        Rate.Of(_accepted, _decided, _cohort == 0 ? NobodyAtRisk : "no journey is decided yet"),
        Spread.Of(_responses),
        _inferred,
        sla is null ? null : new(
            Rate.Of(_met, _met + _breached, _cohort == 0 ? NobodyAtRisk : "no response is due yet, or none was to come"), _notYetDue, _ended, _noStart));

    static string NobodyAtRisk => $"no journey was at risk at {Stage.Mql.Name()}";

    /// <summary>What first decided on the journey from R_MQL on, and what sales first did: SAL or a later stage, or REJECTED.</summary>
    static (Stage? Decision, (DateTimeOffset At, Stage By)? Action) FirstSteps(JourneyFacts journey)
    {
        var (isMql, decision) = (false, (Stage?)null);
        foreach (ref readonly var stay in journey.StaySpan)
        {
            isMql |= stay.Stage.IsStage() && stay.Stage >= Stage.Mql;
            if (!isMql || stay.Stage is Stage.Lead or Stage.Mql)
            {
                continue;
            }
            decision ??= stay.Stage;
            if (stay.Stage.IsStage() || stay.Stage == Stage.Rejected)
            {
                return (decision, (stay.Entered, stay.Stage));
            }
        }
        return (decision, null);
    }

    /// <summary>What is so when the response is due stays so, whatever comes later: an answer as of a later instant says the same.</summary>
    void AddDue(JourneyFacts journey, Reached mql, DateTimeOffset? acted, DateTimeOffset due)
    {
        if (mql.By != Stage.Mql)
        {
            _noStart++;
        }
        else if (acted <= due)
        {
            _met++;
        }
        else if (StandsInExit(journey, due))
        {
            _ended++;
        }
        else if (due < asOf)
        {
            _breached++;
        }
        else
        {
            _notYetDue++;
        }
    }

    static bool StandsInExit(JourneyFacts journey, DateTimeOffset instant)
    {
        foreach (ref readonly var stay in journey.StaySpan)
        {
            if (stay.Stage.IsExit() && stay.Entered <= instant && !(stay.Left <= instant))
            {
                return true;
            }
        }
        return false;
    }
}
