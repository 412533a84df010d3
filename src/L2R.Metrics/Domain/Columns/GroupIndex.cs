namespace L2R.Metrics.Domain.Columns;

/// <summary>Numbers the groups by dimension values: a journey's group is the sum of what its values of each kind add.</summary>
/// <remarks>Values that a filter leaves out add so little that the sum is below 0.</remarks>
sealed class GroupIndex
{
    const int Out = int.MinValue / 4;

    readonly IReadOnlyList<Dimension> _dimensions;
    readonly List<string?>[] _names;

    public GroupIndex(WaterfallQuery query, ValueTables values)
    {
        // Counted once: while this is being built others may be added, of journeys that the question does not see.
        var known = Enum.GetValues<DimensionKind>().ToDictionary(kind => kind, kind => Known(values.Of(kind)));
        _dimensions = query.GroupBy;
        _names = [.. _dimensions.Select(dimension => known[dimension.Kind].Select(dimension.Read).Distinct().ToList())];
        Count = _names.Aggregate(1L, (count, names) => count * names.Count);
        Origin = PartsOf(DimensionKind.Origin, query, known);
        AtEntry = PartsOf(DimensionKind.AtEntry, query, known);
        Current = PartsOf(DimensionKind.Current, query, known);
    }

    /// <summary>At most so many; not every one need occur.</summary>
    public long Count { get; }

    /// <summary>What each combination of a kind adds. Null: 0, whichever it is.</summary>
    public int[]? Origin { get; }

    public int[]? AtEntry { get; }

    public int[]? Current { get; }

    /// <summary>The values of a group; null for unknown, and where nothing is grouped.</summary>
    public (string? First, string? Second) NamesOf(int group) => _names switch
    {
        [] => (null, null),
        [var first] => (first[group], null),
        _ => (_names[0][group / _names[1].Count], _names[1][group % _names[1].Count]),
    };

    /// <summary>Whether a value that a group is grouped by is unknown.</summary>
    public bool IsUnknown(int group) =>
        NamesOf(group) is var (first, second) && ((_names.Length > 0 && first is null) || (_names.Length > 1 && second is null));

    static Dimensions[] Known(ValueTable table)
    {
        var known = new Dimensions[table.Count];
        for (var number = 0; number < known.Length; number++)
        {
            known[number] = table[number];
        }
        return known;
    }

    int[]? PartsOf(DimensionKind kind, WaterfallQuery query, Dictionary<DimensionKind, Dimensions[]> known)
    {
        var filters = query.Filters.Where(filter => filter.Dimension.Kind == kind).ToList();
        var grouped = _dimensions.Index().Where(dimension => dimension.Item.Kind == kind).ToList();
        if (filters.Count == 0 && grouped.Count == 0)
        {
            return null;
        }
        var codes = grouped.ToDictionary(dimension => dimension.Index, dimension => Codes(_names[dimension.Index]));
        return [.. known[kind].Select(own => filters.TrueForAll(filter => filter.Values.Contains(filter.Dimension.Read(own)))
            ? grouped.Sum(dimension => codes[dimension.Index][dimension.Item.Read(own) ?? Unknown] * StrideOf(dimension.Index))
            : Out)];
    }

    int StrideOf(int dimension) => dimension == 0 && _names.Length > 1 ? _names[1].Count : 1;

    // No value of a dimension has a NUL in it: the contract refuses that.
    const string Unknown = "\0";

    static Dictionary<string, int> Codes(List<string?> names) =>
        names.Index().ToDictionary(name => name.Item ?? Unknown, name => name.Index, StringComparer.Ordinal);
}
