using L2R.Intake.Domain;

namespace L2R.Intake.Storage;

/// <summary>What became of a lead that a caller sent.</summary>
abstract record CreateOutcome
{
    CreateOutcome() { }

    public sealed record Created(Lead Lead) : CreateOutcome;

    /// <param name="Rule"><c>external_id</c> or <c>email</c>.</param>
    public sealed record Existing(Lead Lead, string Rule) : CreateOutcome;

    public sealed record RequestIdReused : CreateOutcome;
}

/// <summary>What became of a change to a lead.</summary>
abstract record ChangeOutcome
{
    ChangeOutcome() { }

    /// <summary>The lead as it is now: changed, or as an earlier try of the same request left it.</summary>
    public sealed record Done(Lead Lead) : ChangeOutcome;

    public sealed record NotFound : ChangeOutcome;

    public sealed record EtagStale : ChangeOutcome;

    public sealed record Refused(JourneyDecision Decision) : ChangeOutcome;

    /// <param name="Other">The lead that has this e-mail or external id.</param>
    public sealed record IdentityTaken(Guid Other) : ChangeOutcome;

    public sealed record RequestIdReused : ChangeOutcome;
}
