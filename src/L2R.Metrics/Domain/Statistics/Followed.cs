namespace L2R.Metrics.Domain.Statistics;

/// <summary>What came of the journeys of one cohort: times in ticks since R of the pair's first stage.</summary>
public sealed class Followed
{
    /// <summary>Times to conversion, of those who converted.</summary>
    public List<long> Conversions { get; } = [];

    /// <summary>Times to the exit that stands, of those who ended without converting.</summary>
    public List<long> Ends { get; } = [];

    /// <summary>How long the others have been followed.</summary>
    public List<long> Censored { get; } = [];

    /// <summary>How long each of them all has been followed, whatever came of it.</summary>
    public List<long> Times { get; } = [];

    /// <param name="journey">At risk at the pair's first stage.</param>
    public void Add(JourneyFacts journey, Pair pair, DateTimeOffset asOf)
    {
        var start = journey.Reach(pair.From)!.Value.At;
        Times.Add((asOf - start).Ticks);
        if (journey.Reach(pair.To) is { } reached)
        {
            Conversions.Add((reached.At - start).Ticks);
        }
        else if (journey.EndedAt is { } ended)
        {
            Ends.Add((ended - start).Ticks);
        }
        else
        {
            Censored.Add((asOf - start).Ticks);
        }
    }

    /// <summary>Adds what others followed.</summary>
    public void Add(Followed other)
    {
        Conversions.AddRange(other.Conversions);
        Ends.AddRange(other.Ends);
        Censored.AddRange(other.Censored);
        Times.AddRange(other.Times);
    }

    /// <summary>How many have been followed for each of some times or longer.</summary>
    /// <param name="times">In ascending order.</param>
    public long[] MatureAt(IReadOnlyList<TimeSpan> times)
    {
        long[] ticks = [.. times.Select(time => time.Ticks)];
        var mature = new long[ticks.Length + 1]; // here by how many of the times somebody has been followed for
        foreach (var time in Times)
        {
            var place = Array.BinarySearch(ticks, time);
            mature[place < 0 ? ~place : place + 1]++;
        }
        for (var index = ticks.Length; index > 0; index--)
        {
            mature[index - 1] += mature[index];
        }
        return mature[1..];
    }
}
