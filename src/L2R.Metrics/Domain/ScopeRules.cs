namespace L2R.Metrics.Domain;

/// <summary>Which journeys are in no figure: tests, spam, one's own staff. A journey is out where all that the rule says holds of it.</summary>
/// <param name="Dimensions">All must hold; of a dimension at entry the value counts that the journey's first row has.</param>
/// <param name="ExitReasons">It was once left for an exit with one of these reasons. None: whatever became of it.</param>
public sealed record OutOfScopeRule(string Name, IReadOnlyList<DimensionFilter> Dimensions, IReadOnlyCollection<string> ExitReasons);

/// <summary>Every rule of a tenant: one that holds is enough.</summary>
public sealed class ScopeRules(IReadOnlyList<OutOfScopeRule> all) : IEquatable<ScopeRules>
{
    /// <summary>Every journey is in scope.</summary>
    public static ScopeRules None { get; } = new([]);

    public IReadOnlyList<OutOfScopeRule> All => all;

    /// <summary>All that the rules say: two with the same text leave out the same.</summary>
    public string Text { get; } = string.Join('\n', all.Select(rule => string.Join('\0', [
        rule.Name,
        .. rule.Dimensions.Select(filter => $"{filter.Dimension.Name} {filter.Dimension.Kind} {string.Join('\t', filter.Values.Select(value => value ?? "\r"))}"),
        string.Join('\t', rule.ExitReasons),
    ])));

    /// <summary>The first rule that leaves a journey out; null where none does.</summary>
    /// <param name="journey">Folded as of the end of time: a rule looks at all that is known.</param>
    public OutOfScopeRule? Of(JourneyFacts journey) => all.FirstOrDefault(rule =>
        rule.Dimensions.All(filter => filter.Values.Contains(filter.Dimension.ValueOf(journey, journey.Stays[0].Values)))
        && (rule.ExitReasons.Count == 0 || journey.Stays.Any(stay => stay.Reason is { } reason && rule.ExitReasons.Contains(reason))));

    public bool Equals(ScopeRules? other) => other?.Text == Text;

    public override bool Equals(object? obj) => Equals(obj as ScopeRules);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
