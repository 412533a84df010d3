namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What a figure means: all that a reader needs to trust it or not.</summary>
/// <param name="Id">In kebab case, for ever.</param>
/// <param name="Section">The chapter of the catalogue.</param>
/// <param name="Formula">With R_k for the earliest entry of stage k or a later one, A for as_of, K for known_at, h for a horizon.</param>
/// <param name="Unit">Such as journeys, or a ratio from 0 to 1.</param>
/// <param name="Skips">What a stage that was skipped does to it.</param>
/// <param name="Reentry">What a stage that is entered again, and a further journey of the lead, do to it.</param>
/// <param name="Censoring">What a journey that is still open, or too young, does to it.</param>
/// <param name="Fields">The fields of <c>l2r.metrics.v1</c> that hold it, as <c>Message.field</c>.</param>
public sealed record MetricDefinition(
    string Id, string Name, string Section, string Formula, string Unit, string Skips, string Reentry, string Censoring, IReadOnlyList<string> Fields)
{
    /// <summary>What it is computed from.</summary>
    public string Source { get; init; } = "ledger: the rows of every journey in force at A and K";

    public string RefreshCadence { get; init; } = "with every answer; a live row counts about a second after it was published";

    /// <summary>Who answers for the definition: a role.</summary>
    public string Owner { get; init; } = "revops";
}
