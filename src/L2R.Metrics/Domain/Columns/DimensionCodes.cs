namespace L2R.Metrics.Domain.Columns;

/// <summary>The values of one dimension by number, for each of the combinations of a <see cref="ValueTable"/>: reads each of them once, not for every question.</summary>
sealed class DimensionCodes(Dimension dimension)
{
    // No value of a dimension has a NUL in it: the contract refuses that.
    const string Unknown = "\0";

    readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    readonly List<string?> _names = [];
    int[] _codes = [];
    int _count;

    /// <param name="Names">By code. Null: unknown.</param>
    /// <param name="Codes">By the number of a combination; at least of those that the table had when this was asked for.</param>
    public readonly record struct Snapshot(IReadOnlyList<string?> Names, int[] Codes);

    /// <summary>What is so far. For one caller at a time; what it gives out does not change.</summary>
    public Snapshot Take(ValueTable table)
    {
        var count = table.Count;
        if (count > _codes.Length)
        {
            Array.Resize(ref _codes, Math.Max(count, 2 * _codes.Length)); // who has the old array goes on with that
        }
        for (; _count < count; _count++)
        {
            var name = dimension.Read(table[_count]);
            if (!_numbers.TryGetValue(name ?? Unknown, out var code))
            {
                _numbers.Add(name ?? Unknown, code = _names.Count);
                _names.Add(name);
            }
            _codes[_count] = code;
        }
        return new([.. _names], _codes);
    }
}
