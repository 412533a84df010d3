namespace L2R.Metrics.Domain;

/// <summary>Which journeys are in no figure: tests, spam, one's own staff. A journey is out where all that the rule says holds of it.</summary>
/// <param name="Dimensions">All must hold; of a dimension at entry the value counts that the journey's first row has.</param>
/// <param name="ExitReasons">It was once left for an exit with one of these reasons. None: whatever became of it.</param>
public sealed record OutOfScopeRule(string Name, IReadOnlyList<DimensionFilter> Dimensions, IReadOnlyCollection<string> ExitReasons);

/// <summary>Every rule of a tenant: one that holds is enough.</summary>
/// <param name="text">The same, as it is kept: two with the same text are equal.</param>
public sealed class ScopeRules(string text, IReadOnlyList<OutOfScopeRule> all) : IEquatable<ScopeRules>
{
    /// <summary>Every journey is in scope.</summary>
    public static ScopeRules None { get; } = new("[]", []);

    public string Text => text;

    public IReadOnlyList<OutOfScopeRule> All => all;

    public bool Equals(ScopeRules? other) => other?.Text == text;

    public override bool Equals(object? obj) => Equals(obj as ScopeRules);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);
}
