namespace L2R.Metrics.Domain;

/// <summary>Something gathered from the facts of one journey after the other, in parts that are put together at the end.</summary>
/// <remarks>In which order, and in which part a journey comes, makes no difference.</remarks>
public interface IGathering<in TSelf>
    where TSelf : IGathering<TSelf>
{
    /// <param name="journey">Good until the next one comes.</param>
    void Add(JourneyFacts journey);

    /// <summary>Takes what another part has gathered; that one is not used any more.</summary>
    void Add(TSelf other);
}
