namespace L2R.Metrics.Domain;

/// <summary>What Intake says of a lead, as far as a dimension depends on it.</summary>
/// <param name="Version">The newest one counts.</param>
/// <param name="Segment">Null means unknown.</param>
/// <param name="Region">Null means unknown.</param>
public sealed record LeadVersion(Guid LeadId, long Version, string? Segment, string? Region);
