using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Pipelines;

/// <summary>What became of an opportunity, as of an instant.</summary>
enum Outcome
{
    Open,
    Won,
    Lost,

    /// <summary>A close without an opportunity closed a later one beside it: neither won nor lost.</summary>
    Replaced,

    /// <summary>Its journey stands in an exit without a close of it: neither won nor lost.</summary>
    Ended,
}

/// <summary>One opportunity of a journey.</summary>
sealed class Opportunity(Guid? id)
{
    public Guid? Id => id;

    /// <summary>Its first entry of OPPORTUNITY. Null where it never had one: all that is known of it is its close.</summary>
    public DateTimeOffset? OpenedAt { get; private set; }

    /// <summary>As known at its first entry.</summary>
    public Dimensions? Opened { get; private set; }

    /// <summary>As known at its last entry.</summary>
    public Dimensions? Entered { get; private set; }

    public Outcome Outcome { get; set; }

    /// <summary>When it was won or lost.</summary>
    public DateTimeOffset ClosedAt { get; private set; }

    /// <summary>As known at the close.</summary>
    public Dimensions Closed { get; private set; } = Dimensions.None;

    /// <summary>Won: of the close, as every win is counted. Else what was last said of it.</summary>
    public (decimal Value, string Currency)? Amount { get; private set; }

    public void Open(in Stay entry)
    {
        OpenedAt ??= entry.Entered;
        Opened ??= entry.Values;
        (Entered, Outcome) = (entry.Values, Outcome.Open);
        Amount = AmountOf(entry.Amount, entry.Currency) ?? Amount;
    }

    public void Win(in Stay close)
    {
        (Outcome, ClosedAt, Closed) = (Outcome.Won, close.Entered, close.Values);
        Amount = AmountOf(close.Amount, close.Currency);
    }

    public void Lose(in LossBeside close)
    {
        (Outcome, ClosedAt, Closed) = (Outcome.Lost, close.At, close.Values);
        Amount = AmountOf(close.Amount, close.Currency) ?? Amount;
    }

    static (decimal, string)? AmountOf(decimal? amount, string? currency) => amount is { } value && currency is not null ? (value, currency) : null;
}

/// <summary>Follows the opportunities of one journey after the other, each to its own close.</summary>
/// <remarks>
/// An entry of OPPORTUNITY that names one which is not won opens it, again where it was lost or replaced; any other opens a new one. A close that
/// names one closes that; one that names none closes the open one that was entered last, and replaces those open beside it. Where none is open, a
/// win that names none wins the last one after all, unless that is won already: as there is a win for each row of CLOSED_WON, it then is of an
/// opportunity that never was opened. A loss changes nothing of what is won or lost already.
/// </remarks>
sealed class Opportunities
{
    readonly List<Opportunity> _all = []; // those entered last come last

    /// <summary>The opportunities of a journey. Good until the next one is asked for.</summary>
    public IReadOnlyList<Opportunity> Of(JourneyFacts journey)
    {
        _all.Clear();
        var stays = journey.StaySpan;
        var (losses, next) = (journey.LossesBeside, 0);
        for (var index = 0; index <= stays.Length; index++)
        {
            for (; next < losses.Count && losses[next].StaysBefore == index; next++)
            {
                Lose(losses[next]);
            }
            if (index < stays.Length)
            {
                Follow(index, stays[index]);
            }
        }
        if (journey.EndedAt is not null)
        {
            foreach (var open in _all.Where(each => each.Outcome == Outcome.Open))
            {
                open.Outcome = Outcome.Ended;
            }
        }
        return _all;
    }

    void Follow(int index, in Stay stay)
    {
        switch (stay.Stage)
        {
            case Stage.Opportunity:
                Enter(stay);
                break;
            case Stage.ClosedWon:
                Win(stay);
                break;
            case Stage.ClosedLost:
                Lose(new(index, stay.Entered, stay.Values, stay.OpportunityId, stay.Amount, stay.Currency));
                break;
        }
    }

    void Enter(in Stay entry)
    {
        var entered = entry.OpportunityId is { } id && Named(id) is { Outcome: not Outcome.Won } known ? known : new Opportunity(entry.OpportunityId);
        _all.Remove(entered);
        _all.Add(entered);
        entered.Open(entry);
    }

    void Win(in Stay close)
    {
        var won = close.OpportunityId is { } id ? Named(id) : CloseLast() ?? _all.LastOrDefault();
        if (won is null or { Outcome: Outcome.Won })
        {
            _all.Add(won = new(close.OpportunityId));
        }
        won.Win(close);
    }

    void Lose(in LossBeside close)
    {
        var lost = close.OpportunityId is { } id ? Named(id) : CloseLast() ?? _all.LastOrDefault();
        if (lost is null)
        {
            _all.Add(lost = new(close.OpportunityId));
        }
        else if (lost.Outcome is Outcome.Won or Outcome.Lost)
        {
            return;
        }
        lost.Lose(close);
    }

    Opportunity? Named(Guid id) => _all.FindLast(each => each.Id == id);

    /// <returns>The open one that was entered last. Null where none is.</returns>
    Opportunity? CloseLast()
    {
        var last = _all.FindLast(each => each.Outcome == Outcome.Open);
        foreach (var beside in _all.Where(each => each.Outcome == Outcome.Open && each != last))
        {
            beside.Outcome = Outcome.Replaced;
        }
        return last;
    }
}
