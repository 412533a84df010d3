using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>What a reader should know before trusting an answer, of the journeys that it is about.</summary>
/// <param name="groupBy">The dimensions that the answer groups by.</param>
public sealed class QualityTally(JourneyScope scope, IReadOnlyList<Dimension> groupBy)
{
    long _inferred;
    long _unknown;
    long _late;
    long _outOfOrder;
    long _withoutAmount;
    long _mismatched;

    public Quality Sum => new(_inferred, _unknown, _late, _outOfOrder, _withoutAmount, _mismatched);

    public void Add(JourneyFacts journey)
    {
        if (!scope.Selects(journey))
        {
            return;
        }
        foreach (var stage in Stages.Waterfall)
        {
            if (scope.Reach(journey, stage) is { } reached)
            {
                _inferred += journey.IsInferred(stage) ? 1 : 0;
                _unknown += groupBy.Any(dimension => dimension.ValueOf(journey, reached.Values) is null) ? 1 : 0;
                _outOfOrder += stage == Stage.Lead && journey.IsAnyOutOfOrder ? 1 : 0;
            }
        }
        foreach (var stay in journey.Stays)
        {
            if ((stay.IsLate || stay is { Stage: Stage.ClosedWon, Amount: null }) && scope.InTime(stay.Entered) && scope.Matches(journey, stay.Values))
            {
                _late += stay.IsLate ? 1 : 0;
                _withoutAmount += stay is { Stage: Stage.ClosedWon, Amount: null } ? 1 : 0;
            }
        }
        _mismatched += journey.Mismatches.Count(mismatch => scope.InTime(mismatch.At) && scope.Matches(journey, mismatch.Values));
    }
}
