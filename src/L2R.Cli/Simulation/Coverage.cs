namespace L2R.Cli.Simulation;

/// <summary>How many of some 95% intervals cover the truth, and how many should.</summary>
/// <param name="Low">Fewer than this are covered in less than 0.05% of all simulations whose intervals are right.</param>
/// <param name="High">More than this, likewise.</param>
sealed record Coverage(int Covering, int Count, int Low, int High)
{
    const double Level = 0.95;
    const double Tail = 0.0005;

    public bool IsConsistent => Covering >= Low && Covering <= High;

    /// <param name="covers">Of intervals that are independent of each other.</param>
    public static Coverage Of(IReadOnlyCollection<bool> covers)
    {
        var (low, high) = Band(covers.Count);
        return new Coverage(covers.Count(isCovered => isCovered), covers.Count, low, high);
    }

    /// <summary>What is left of the binomial distribution without 0.05% at each end.</summary>
    static (int Low, int High) Band(int count)
    {
        var logarithm = count * Math.Log(1 - Level); // of the probability of none, which itself may be too small to tell
        var (below, low, high) = (0.0, -1, count);
        for (var covering = 0; covering <= count; covering++)
        {
            var upTo = below + Math.Exp(logarithm);
            low = low < 0 && upTo > Tail ? covering : low;
            if (1 - upTo <= Tail)
            {
                high = covering;
                break;
            }
            below = upTo;
            logarithm += Math.Log((count - covering) / (covering + 1.0) * Level / (1 - Level));
        }
        return (Math.Max(low, 0), high);
    }
}
