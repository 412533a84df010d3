namespace L2R.Metrics.Domain;

/// <summary>One touch of a lead. Nothing here is personal.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Channel">Null means unknown.</param>
/// <param name="Campaign">Null means unknown.</param>
public sealed record Touch(Guid TouchpointId, Guid LeadId, DateTimeOffset At, string? Channel, string? Campaign);
