namespace L2R.Metrics.Domain.Columns;

/// <summary>Numbers the groups by dimension values: a journey's group is the sum of what its values of each kind add.</summary>
/// <remarks>Values that a filter leaves out add so little that the sum is below 0.</remarks>
sealed class GroupIndex
{
    const int Out = int.MinValue / 4;

    readonly DimensionCodes.Snapshot[] _grouped;

    public GroupIndex(WaterfallQuery query, ValueTables values)
    {
        // Counted before the codes are asked for: meanwhile others may be added, of journeys that the question does not see.
        var (origins, atEntries, currents) = (values.Origin.Count, values.AtEntry.Count, values.Current.Count);
        _grouped = [.. query.GroupBy.Select(dimension => values.Of(dimension.Kind).CodesOf(dimension))];
        Count = _grouped.Aggregate(1L, (count, grouped) => count * grouped.Names.Count);
        Origin = PartsOf(values.Origin, DimensionKind.Origin, origins, query);
        AtEntry = PartsOf(values.AtEntry, DimensionKind.AtEntry, atEntries, query);
        Current = PartsOf(values.Current, DimensionKind.Current, currents, query);
    }

    /// <summary>At most so many; not every one need occur.</summary>
    public long Count { get; }

    /// <summary>What each combination of a kind adds. Null: 0, whichever it is.</summary>
    public int[]? Origin { get; }

    public int[]? AtEntry { get; }

    public int[]? Current { get; }

    /// <summary>The values of a group; null for unknown, and where nothing is grouped.</summary>
    public (string? First, string? Second) NamesOf(int group) => _grouped switch
    {
        [] => (null, null),
        [var only] => (only.Names[group], null),
        [var first, var second, ..] => (first.Names[group / second.Names.Count], second.Names[group % second.Names.Count]),
    };

    /// <summary>Whether a value that a group is grouped by is unknown.</summary>
    public bool IsUnknown(int group) =>
        NamesOf(group) is var (first, second) && ((_grouped.Length > 0 && first is null) || (_grouped.Length > 1 && second is null));

    int[]? PartsOf(ValueTable table, DimensionKind kind, int count, WaterfallQuery query)
    {
        var kept = table.Kept(query.Filters, count);
        var grouped = query.GroupBy.Index().Where(dimension => dimension.Item.Kind == kind).ToList();
        if (kept is null && grouped.Count == 0)
        {
            return null;
        }
        var parts = new int[count];
        foreach (var (index, _) in grouped)
        {
            var (codes, stride) = (_grouped[index].Codes, StrideOf(index));
            for (var number = 0; number < count; number++)
            {
                parts[number] += codes[number] * stride;
            }
        }
        for (var number = 0; kept is not null && number < count; number++)
        {
            parts[number] = kept[number] ? parts[number] : Out;
        }
        return parts;
    }

    int StrideOf(int dimension) => dimension == 0 && _grouped.Length > 1 ? _grouped[1].Names.Count : 1;
}
