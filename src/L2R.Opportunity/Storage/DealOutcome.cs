using L2R.Opportunity.Domain;

namespace L2R.Opportunity.Storage;

/// <summary>What became of a wish to open or change a deal.</summary>
abstract record DealOutcome
{
    DealOutcome() { }

    /// <summary>The deal as it is now: changed, or as an earlier try of the same request left it.</summary>
    public sealed record Done(Deal Deal) : DealOutcome;

    public sealed record NotFound : DealOutcome;

    /// <summary>Nothing was heard of the journey yet.</summary>
    public sealed record JourneyUnknown : DealOutcome;

    public sealed record EtagStale : DealOutcome;

    public sealed record Refused(DealDecision Decision) : DealOutcome;

    public sealed record RequestIdReused : DealOutcome;
}
