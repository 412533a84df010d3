namespace L2R.Metrics.Domain.Columns;

/// <summary>Numbers the combinations of dimension values that occur, so that a row keeps four bytes of them.</summary>
/// <remarks>One writer at a time. Who has a number may read its values beside the writer.</remarks>
sealed class ValueTable(DimensionKind kind)
{
    readonly Dictionary<Dimensions, int> _numbers = new(DimensionsComparer.Instance);
    readonly Dictionary<string, DimensionCodes> _codes = []; // by the dimension's name, of those that were asked for
    Dimensions[] _values = new Dimensions[16];

    // Neighbours often share their values: then nothing is copied or hashed.
    Dimensions? _last;
    int _lastNumber;
    int _count;

    /// <summary>How many there are. What is read of them beside the writer must have been counted before.</summary>
    public int Count => System.Threading.Volatile.Read(ref _count);

    public Dimensions this[int number] => _values[number];

    /// <summary>Which value of a dimension each combination has. Of many questions at once.</summary>
    public DimensionCodes.Snapshot CodesOf(Dimension dimension)
    {
        lock (_codes)
        {
            if (!_codes.TryGetValue(dimension.Name, out var codes))
            {
                _codes.Add(dimension.Name, codes = new(dimension));
            }
            return codes.Take(this);
        }
    }

    /// <summary>Which combinations some filters keep: all of those that are of this table's kind must hold. Of many questions at once.</summary>
    /// <param name="count">Of how many combinations, at most <see cref="Count"/>.</param>
    /// <returns>Null where none of the filters is of this kind: any will do.</returns>
    public bool[]? Kept(IEnumerable<DimensionFilter> filters, int count)
    {
        bool[]? kept = null;
        foreach (var filter in filters.Where(filter => filter.Dimension.Kind == kind))
        {
            kept ??= [.. Enumerable.Repeat(true, count)];
            var (names, codes) = CodesOf(filter.Dimension);
            bool[] isKept = [.. names.Select(name => filter.Values.Contains(name))];
            for (var number = 0; number < count; number++)
            {
                kept[number] &= isKept[codes[number]];
            }
        }
        return kept;
    }

    /// <param name="values">Of any kind: those of this table's kind are kept.</param>
    public int NumberOf(Dimensions values)
    {
        if (ReferenceEquals(values, _last))
        {
            return _lastNumber;
        }
        var own = values.Of(kind);
        if (!_numbers.TryGetValue(own, out var number))
        {
            number = _count;
            if (number == _values.Length)
            {
                Array.Resize(ref _values, 2 * number); // a reader keeps the old array, which has all that it knows of
            }
            _values[number] = own;
            _numbers.Add(own, number);
            System.Threading.Volatile.Write(ref _count, number + 1);
        }
        (_last, _lastNumber) = (values, number);
        return number;
    }
}

/// <summary>The values of a tenant's journeys by kind.</summary>
sealed class ValueTables
{
    readonly Dictionary<string, string> _texts = [];

    public ValueTable Origin { get; } = new(DimensionKind.Origin);

    public ValueTable AtEntry { get; } = new(DimensionKind.AtEntry);

    public ValueTable Current { get; } = new(DimensionKind.Current);

    public ValueTable Of(DimensionKind kind) => kind switch
    {
        DimensionKind.Origin => Origin,
        DimensionKind.AtEntry => AtEntry,
        _ => Current,
    };

    /// <summary>The same text, of which one copy is kept however often it occurs. For the writer.</summary>
    public string? Text(string? text)
    {
        if (text is null)
        {
            return null;
        }
        if (!_texts.TryGetValue(text, out var kept))
        {
            _texts.Add(text, kept = text);
        }
        return kept;
    }
}
