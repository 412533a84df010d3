using L2R.Handoff.Domain;

namespace L2R.Handoff.Storage;

/// <summary>What every command on a journey brings along.</summary>
/// <param name="Actor">Who commands, for the ledger.</param>
/// <param name="Subject">The <c>sub</c> of the caller's token, by which their rep is found.</param>
/// <param name="Version">The version that the caller saw; null when it does not care.</param>
/// <param name="Fingerprint">The content of the request.</param>
sealed record HandoffCommand(
    string Tenant, string Actor, string Subject, Guid JourneyId, long? Version, Guid? RequestId, byte[] Fingerprint, DateTimeOffset Now);

/// <summary>What became of a command.</summary>
abstract record HandoffOutcome
{
    HandoffOutcome() { }

    /// <summary>The journey as it is now: changed, or as an earlier try of the same request left it.</summary>
    public sealed record Done(SalesJourney Journey) : HandoffOutcome;

    public sealed record NotHeardOf : HandoffOutcome;

    public sealed record EtagStale : HandoffOutcome;

    public sealed record Refused(HandoffDecision Decision) : HandoffOutcome;

    public sealed record RepNotFound : HandoffOutcome;

    public sealed record RequestIdReused : HandoffOutcome;
}

/// <summary>Which handoffs a caller wants to see.</summary>
/// <param name="After">Where the page before ended: queue time and journey.</param>
/// <param name="Stage">Null: any.</param>
/// <param name="RepId">Null: anybody's.</param>
/// <param name="Unassigned">Nobody's alone.</param>
sealed record HandoffQuery((DateTimeOffset Time, Guid Id)? After, Ledger.Domain.Stage? Stage, Guid? RepId, bool Unassigned, int Limit);
