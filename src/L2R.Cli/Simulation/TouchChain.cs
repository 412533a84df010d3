namespace L2R.Cli.Simulation;

/// <summary>How often touches of one channel or campaign were followed by those of another, by a win or by nothing.</summary>
/// <remarks>The chances of a win are found by walking on until they stand still, where Metrics solves for them.</remarks>
sealed class TouchChain
{
    const string Start = "start";
    const string Won = "won";
    const string Nothing = "nothing";
    const double Still = 1e-14;

    readonly Dictionary<string, Dictionary<string, double>> _next = [];

    /// <param name="values">Of the touches of one path, in the order of time. Without any it is none.</param>
    public void Add(string[] values, bool isWon)
    {
        if (values.Length == 0)
        {
            return;
        }
        var from = Start;
        foreach (var to in values.Append(isWon ? Won : Nothing))
        {
            if (!_next.TryGetValue(from, out var next))
            {
                _next.Add(from, next = []);
            }
            next[to] = next.GetValueOrDefault(to) + 1;
            from = to;
        }
    }

    /// <returns>For each value, the share of the chance to win that is lost where who comes to it comes to nothing.</returns>
    public IReadOnlyDictionary<string, double> RemovalEffects()
    {
        var chance = ChanceToWin(without: null);
        return _next.Keys.Where(value => value != Start).ToDictionary(value => value, value => chance > 0 ? 1 - (ChanceToWin(value) / chance) : 0);
    }

    double ChanceToWin(string? without)
    {
        var chances = new Dictionary<string, double> { [Won] = 1 };
        for (var moved = 1.0; moved > Still;)
        {
            moved = 0;
            foreach (var (from, next) in _next.Where(state => state.Key != without))
            {
                var chance = next.Sum(to => to.Value * chances.GetValueOrDefault(to.Key)) / next.Values.Sum();
                moved = Math.Max(moved, Math.Abs(chance - chances.GetValueOrDefault(from)));
                chances[from] = chance;
            }
        }
        return chances.GetValueOrDefault(Start);
    }
}
