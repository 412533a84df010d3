namespace L2R.Handoff.Domain;

/// <summary>The finding on one criterion.</summary>
/// <param name="Note">On what grounds, at most 500 characters; nothing personal.</param>
public readonly record struct Criterion(bool Met, string Note);

/// <summary>The four criteria of an SQL.</summary>
public sealed record Qualification(Criterion Need, Criterion Budget, Criterion Authority, Criterion Timeline)
{
    /// <summary>The criteria that are not met, by the names that callers know, in the order in which they are asked.</summary>
    public IReadOnlyList<string> Missing =>
    [
        .. from finding in new[] { ("need", Need), ("budget", Budget), ("authority", Authority), ("timeline", Timeline) }
           where !finding.Item2.Met
           select finding.Item1,
    ];
}
