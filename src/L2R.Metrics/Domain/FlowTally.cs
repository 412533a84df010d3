using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts one period of the flow.</summary>
sealed class FlowTally
{
    readonly long[] _entries = new long[Stages.All.Count];
    readonly long[] _departures = new long[Stages.All.Count];
    readonly long[] _afterWin = new long[Stages.All.Count];
    readonly long[] _plainMoves = new long[(Stages.All.Count + 1) * Stages.All.Count]; // by from, none first, and to
    readonly Dictionary<(Stage? From, Stage To, string Reason), long> _reasonedMoves = [];

    public void AddEntry(Stage stage) => _entries[(int)stage]++;

    public void AddDeparture(Stage stage) => _departures[(int)stage]++;

    public void AddAfterWin(Stage stage)
    {
        AddEntry(stage);
        AddDeparture(stage);
        _afterWin[(int)stage]++;
    }

    /// <param name="reason">Null where none is given.</param>
    public void AddMove(Stage? from, Stage to, string? reason)
    {
        if (reason is null)
        {
            _plainMoves[(((int)(from ?? (Stage)(-1)) + 1) * Stages.All.Count) + (int)to]++;
        }
        else
        {
            _reasonedMoves[(from, to, reason)] = _reasonedMoves.GetValueOrDefault((from, to, reason)) + 1;
        }
    }

    public void Add(FlowTally other)
    {
        foreach (var (own, others) in new[] { (_entries, other._entries), (_departures, other._departures), (_afterWin, other._afterWin), (_plainMoves, other._plainMoves) })
        {
            for (var index = 0; index < own.Length; index++)
            {
                own[index] += others[index];
            }
        }
        foreach (var (move, count) in other._reasonedMoves)
        {
            _reasonedMoves[move] = _reasonedMoves.GetValueOrDefault(move) + count;
        }
    }

    public long[] StockAfter(long[] earlier) => [.. earlier.Select((stock, index) => stock + _entries[index] - _departures[index])];

    /// <exception cref="InvalidOperationException">The moves out of a stage are not its departures, or more left it than were there.</exception>
    public FlowPeriod ToPeriod(Period? period, long[] earlier)
    {
        var end = StockAfter(earlier);
        List<Move> moves = [.. PlainMoves(), .. _reasonedMoves.Select(move => new Move(move.Key.From, move.Key.To, move.Key.Reason, move.Value))];
        foreach (var stage in Stages.All)
        {
            var moved = moves.Where(move => move.From == stage).Sum(move => move.Count);
            if (moved + _afterWin[(int)stage] != _departures[(int)stage] || end[(int)stage] < 0)
            {
                throw new InvalidOperationException(
                    $"The flow of {stage.Name()} in {period?.Name ?? "all time"} does not add up: {earlier[(int)stage]} stood there, {_entries[(int)stage]} came, "
                    + $"{_departures[(int)stage]} left, {moved} moved on.");
            }
        }
        return new FlowPeriod(
            period,
            [.. Stages.All.Select((stage, index) => new StageFlow(
                stage, _entries[index], _departures[index], earlier[index], end[index], _afterWin[index]))],
            [.. moves.OrderBy(move => move.From).ThenBy(move => move.To).ThenBy(move => move.Reason, StringComparer.Ordinal)]);
    }

    IEnumerable<Move> PlainMoves() =>
        from place in Enumerable.Range(0, _plainMoves.Length)
        where _plainMoves[place] > 0
        let before = (place / Stages.All.Count) - 1
        select new Move(before < 0 ? null : (Stage)before, (Stage)(place % Stages.All.Count), "", _plainMoves[place]);
}
