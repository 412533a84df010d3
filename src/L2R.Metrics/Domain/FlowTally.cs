using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts one period of the flow.</summary>
sealed class FlowTally
{
    readonly long[] _entries = new long[Stages.All.Count];
    readonly long[] _departures = new long[Stages.All.Count];
    readonly long[] _afterWin = new long[Stages.All.Count];
    readonly Dictionary<(Stage? From, Stage To, string Reason), long> _moves = [];

    public void AddEntry(Stage stage) => _entries[(int)stage]++;

    public void AddDeparture(Stage stage) => _departures[(int)stage]++;

    public void AddAfterWin(Stage stage)
    {
        AddEntry(stage);
        AddDeparture(stage);
        _afterWin[(int)stage]++;
    }

    public void AddMove(Stage? from, Stage to, string reason) => _moves[(from, to, reason)] = _moves.GetValueOrDefault((from, to, reason)) + 1;

    public long[] StockAfter(long[] earlier) => [.. earlier.Select((stock, index) => stock + _entries[index] - _departures[index])];

    /// <exception cref="InvalidOperationException">The moves out of a stage are not its departures, or more left it than were there.</exception>
    public FlowPeriod ToPeriod(Period? period, long[] earlier)
    {
        var end = StockAfter(earlier);
        foreach (var stage in Stages.All)
        {
            var moved = _moves.Where(move => move.Key.From == stage).Sum(move => move.Value);
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
            [.. _moves
                .OrderBy(move => move.Key.From).ThenBy(move => move.Key.To).ThenBy(move => move.Key.Reason, StringComparer.Ordinal)
                .Select(move => new Move(move.Key.From, move.Key.To, move.Key.Reason, move.Value))]);
    }
}
