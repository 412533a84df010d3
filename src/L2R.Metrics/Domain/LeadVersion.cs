namespace L2R.Metrics.Domain;

/// <summary>What Intake says of a lead, as far as a dimension depends on it.</summary>
/// <param name="Version">The newest one counts.</param>
/// <param name="Segment">Null means unknown.</param>
/// <param name="Region">Null means unknown.</param>
public sealed record LeadVersion(Guid LeadId, long Version, string? Segment, string? Region)
{
    /// <summary>The tenant's own dimensions by name. One that is not here stays as the rows have it.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = Dimensions.NoCustom;
}
