namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>What good segments reach, without the luck of small ones.</summary>
public static class PeerBenchmark
{
    /// <summary>
    /// Each segment's rate is drawn towards the rate c̄ of all, (x + m·c̄)/(n + m), the less the larger it is; of these the 75th
    /// percentile by journeys. m = c̄(1 − c̄)/τ² − 1, τ² the variance between segments beyond what chance explains.
    /// </summary>
    /// <param name="segments">Converted, of how many; those of nobody are left out.</param>
    /// <returns>0 to 1: c̄ itself where segments do not differ beyond chance. Null where there is nobody.</returns>
    public static double? Of(IReadOnlyList<(long Converted, long N)> segments)
    {
        double n = segments.Sum(segment => segment.N);
        if (n == 0)
        {
            return null;
        }
        List<(double Converted, double N)> peers = [.. segments.Where(segment => segment.N > 0).Select(segment => ((double)segment.Converted, (double)segment.N))];
        var mean = peers.Sum(peer => peer.Converted) / n;
        var between = Between(peers, n, mean);
        if (between <= 0)
        {
            return mean;
        }

        var weight = Math.Max(0, (mean * (1 - mean) / between) - 1);
        var passed = 0.0;
        foreach (var (rate, size) in peers.Select(peer => (Rate: (peer.Converted + (weight * mean)) / (peer.N + weight), peer.N)).OrderBy(peer => peer.Rate))
        {
            passed += size;
            if (passed >= 0.75 * n)
            {
                return rate;
            }
        }
        return mean;
    }

    /// <summary>By moments: Σn(c − c̄)² is on average (S − 1)·c̄(1 − c̄) + τ²(n − Σn²/n − (S − 1)), of S segments with beta-distributed rates.</summary>
    static double Between(List<(double Converted, double N)> peers, double n, double mean)
    {
        var spread = peers.Sum(peer => peer.N * Math.Pow((peer.Converted / peer.N) - mean, 2));
        var free = peers.Count - 1;
        var scale = n - peers.Sum(peer => peer.N * peer.N / n) - free;
        return scale <= 0 ? 0 : (spread - (free * mean * (1 - mean))) / scale;
    }
}
