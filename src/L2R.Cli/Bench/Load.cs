namespace L2R.Cli.Bench;

/// <summary>What a closed loop of calls achieved.</summary>
/// <param name="Count">Calls that were answered.</param>
/// <param name="PerSecond">Of them.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
sealed record LoadResult(int Count, double PerSecond, double P50, double P99)
{
    /// <param name="latencies">Milliseconds, at least one; sorted in place.</param>
    public static LoadResult Create(List<double> latencies, TimeSpan took)
    {
        latencies.Sort();
        return new LoadResult(latencies.Count, latencies.Count / took.TotalSeconds, Rank(0.5), Rank(0.99));

        // The smallest one that at least this share does not exceed.
        double Rank(double share) => latencies[(int)Math.Ceiling(share * latencies.Count) - 1];
    }
}

/// <summary>Makes calls and times them.</summary>
static class Load
{
    /// <summary>Keeps so many calls in flight for a while: each caller makes its next call when the last one is answered.</summary>
    /// <param name="call">Given the caller's number, from 0.</param>
    public static async Task<LoadResult> RunAsync(int inFlight, TimeSpan duration, Func<int, Task> call, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(CallAsync));
        return LoadResult.Create([.. latencies.SelectMany(own => own)], clock.GetElapsedTime(start));

        async Task<List<double>> CallAsync(int caller)
        {
            var own = new List<double>();
            do
            {
                var before = clock.GetTimestamp();
                await call(caller);
                own.Add(clock.GetElapsedTime(before).TotalMilliseconds);
            }
            while (clock.GetElapsedTime(start) < duration);
            return own;
        }
    }
}
