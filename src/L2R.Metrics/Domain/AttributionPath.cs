namespace L2R.Metrics.Domain;

/// <summary>The touches that came before one win.</summary>
/// <param name="Values">Of the touches, in the order of time. At least one.</param>
/// <param name="Ages">How long before the win each of them was.</param>
/// <param name="MqlIndex">The last touch up to the instant of reaching MQL; -1 where none is.</param>
/// <param name="OpportunityIndex">The last touch up to the entry of the opportunity; -1 where none is.</param>
public sealed record AttributionPath(IReadOnlyList<string> Values, IReadOnlyList<TimeSpan> Ages, int MqlIndex, int OpportunityIndex)
{
    const double Scale = 1e15;

    /// <summary>What each touch weighs. Where an anchor is missing, the others share its part in proportion to theirs.</summary>
    /// <param name="removalEffects">By value. Only for Markov.</param>
    /// <returns>One weight for each touch, of no unit.</returns>
    public long[] Weigh(AttributionModel model, TimeSpan halfLife, IReadOnlyDictionary<string, double> removalEffects) => model switch
    {
        AttributionModel.FirstTouch => Anchored(anchor: 1, others: 0, 0),
        AttributionModel.LastTouch => Anchored(anchor: 1, others: 0, Values.Count - 1),
        AttributionModel.Linear => [.. Values.Select(_ => 1L)],
        AttributionModel.UShaped => Anchored(anchor: 40, others: 20, 0, Values.Count - 1),
        AttributionModel.WShaped => Anchored(anchor: 30, others: 10, [0, .. new[] { MqlIndex, OpportunityIndex }.Where(index => index >= 0)]),
        AttributionModel.TimeDecay => Decaying(halfLife),
        AttributionModel.Markov => Removed(removalEffects),
        _ => throw new ArgumentOutOfRangeException(nameof(model), model, message: null),
    };

    /// <summary>A touch that is several anchors has the part of each.</summary>
    long[] Anchored(long anchor, long others, params IReadOnlyList<int> anchors)
    {
        var between = Values.Count - anchors.Distinct().Count();
        var weights = new long[Values.Count];
        Array.Fill(weights, others);
        foreach (var index in anchors.Distinct())
        {
            weights[index] = 0;
        }
        foreach (var index in anchors)
        {
            weights[index] += anchor * Math.Max(between, 1);
        }
        return weights;
    }

    /// <summary>Against the youngest touch, which weighs 1: so the weights of a long lookback don't all vanish.</summary>
    long[] Decaying(TimeSpan halfLife)
    {
        var youngest = Ages.Min();
        return [.. Ages.Select(age => (long)Math.Round(Scale * Math.Pow(2, -((age - youngest) / halfLife))))];
    }

    /// <summary>Each value weighs its effect once, however often it touched.</summary>
    long[] Removed(IReadOnlyDictionary<string, double> removalEffects)
    {
        var weights = new long[Values.Count];
        foreach (var (value, index) in Values.Select((value, index) => (value, index)).DistinctBy(touch => touch.value))
        {
            weights[index] = (long)Math.Round(Scale * removalEffects[value]);
        }
        return weights;
    }
}
