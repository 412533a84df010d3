namespace L2R.Metrics.Domain;

/// <summary>What is not the same in two tables of the same question.</summary>
static class MovedFigures
{
    public static IEnumerable<MovedFigure> Between(WaterfallAnswer baseline, WaterfallAnswer restated)
    {
        var (before, after) = (baseline.Groups.ToDictionary(group => group.Key), restated.Groups.ToDictionary(group => group.Key));
        return
            from key in before.Keys.Union(after.Keys)
                .OrderBy(key => key.First, StringComparer.Ordinal).ThenBy(key => key.Second, StringComparer.Ordinal).ThenBy(key => key.Period?.From)
            let old = Of(before.GetValueOrDefault(key))
            let now = Of(after.GetValueOrDefault(key))
            from id in now.Keys.Union(old.Keys)
            let moved = new MovedFigure(key, id, old.GetValueOrDefault(id), now.GetValueOrDefault(id))
            where moved.Baseline != moved.Restated
            select moved;
    }

    /// <summary>In the order of the table.</summary>
    static OrderedDictionary<FigureId, decimal> Of(WaterfallGroup? group)
    {
        var figures = new OrderedDictionary<FigureId, decimal>();
        foreach (var volume in group?.Volumes ?? [])
        {
            figures.Add(new(FigureKind.Reach, volume.Stage), volume.Reach);
            figures.Add(new(FigureKind.Inferred, volume.Stage), volume.Inferred);
            figures.Add(new(FigureKind.Entries, volume.Stage), volume.Entries);
            figures.Add(new(FigureKind.Departures, volume.Stage), volume.Departures);
            figures.Add(new(FigureKind.StockEnd, volume.Stage), volume.StockAtEnd);
        }
        foreach (var pair in group?.Pairs ?? [])
        {
            var (from, to) = pair.Pair;
            figures.Add(new(FigureKind.Cohort, from, to), pair.Cohort);
            figures.Add(new(FigureKind.StartedAbove, from, to), pair.StartedAbove);
            figures.Add(new(FigureKind.ToDate, from, to), pair.ToDate.Converted);
            figures.Add(new(FigureKind.Open, from, to), pair.Open);
            foreach (var horizon in pair.Horizons)
            {
                figures.Add(new(FigureKind.Mature, from, to, horizon.Horizon), horizon.Rate.N);
                figures.Add(new(FigureKind.Converted, from, to, horizon.Horizon), horizon.Rate.Converted);
            }
        }
        foreach (var (currency, amount) in group?.Won ?? new Dictionary<string, decimal>())
        {
            figures.Add(new(FigureKind.WonAmount, Currency: currency), amount);
        }
        return figures;
    }
}
