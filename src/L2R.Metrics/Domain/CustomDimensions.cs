namespace L2R.Metrics.Domain;

/// <summary>A tenant's own dimensions.</summary>
/// <param name="declared">By name, those of its settings.</param>
/// <param name="found">Names that its ledger has.</param>
public sealed class CustomDimensions(IReadOnlyDictionary<string, DimensionKind> declared, IEnumerable<string> found) : IEquatable<CustomDimensions>
{
    readonly Dictionary<string, Dimension> _byName = declared.Keys.Union(found)
        .Select(name => Dimension.Custom(name, declared.GetValueOrDefault(name, DimensionKind.Current)))
        .ToDictionary(dimension => dimension.Name, StringComparer.Ordinal);

    public static CustomDimensions None { get; } = new(new Dictionary<string, DimensionKind>(), []);

    /// <summary>By name, those of its settings.</summary>
    public IReadOnlyDictionary<string, DimensionKind> Declared => declared;

    /// <summary>Whatever a question of this tenant may name, the dimensions of L2R first.</summary>
    public IEnumerable<string> Names =>
        Dimension.Known.Select(known => known.Name).Concat(_byName.Keys.Order(StringComparer.Ordinal));

    /// <returns>Null where the tenant has no dimension of the name.</returns>
    public Dimension? Find(string name) =>
        Dimension.Known.FirstOrDefault(known => known.Name == name) ?? _byName.GetValueOrDefault(name);

    /// <returns>One whose values are all unknown where the tenant has no dimension of the name: it may have had one.</returns>
    public Dimension Of(string name) => Find(name) ?? Dimension.Custom(name);

    /// <summary>The same names, with other ones declared.</summary>
    public CustomDimensions With(IReadOnlyDictionary<string, DimensionKind> others) => new(others, found);

    /// <summary>Two are equal where the same is declared and the same may be asked for.</summary>
    public bool Equals(CustomDimensions? other) =>
        other is not null
        && declared.Count == other.Declared.Count
        && declared.All(pair => other.Declared.TryGetValue(pair.Key, out var kind) && kind == pair.Value)
        && Names.SequenceEqual(other.Names);

    public override bool Equals(object? obj) => Equals(obj as CustomDimensions);

    public override int GetHashCode() => HashCode.Combine(declared.Count, _byName.Count);
}
