namespace L2R.Metrics.Domain;

/// <summary>One touch of a lead. Nothing here is personal.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Channel">Null means unknown.</param>
/// <param name="Campaign">Null means unknown.</param>
public sealed record Touch(Guid TouchpointId, Guid LeadId, DateTimeOffset At, string? Channel, string? Campaign)
{
    /// <summary>What it cost, in <see cref="Currency"/>; not negative. Null: nobody said.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217. Null where there is no cost.</summary>
    public string? Currency { get; init; }

    /// <summary>The touch that this one corrects: that one counts no more.</summary>
    public Guid? Supersedes { get; init; }
}
