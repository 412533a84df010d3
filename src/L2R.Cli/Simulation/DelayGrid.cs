namespace L2R.Cli.Simulation;

/// <summary>Distributions of times as masses at whole days 0, 1, 2, …: each mass stands for what lies within a day to both sides of it.</summary>
/// <remarks>Mass between two days goes to both so that the mean stays: sums of such times are then right to the second order of a day.</remarks>
static class DelayGrid
{
    /// <summary>The probability that a log-normal time is at most so many days.</summary>
    public static double LogNormal(double days, double median, double spread) => days <= 0 ? 0 : Normal(Math.Log(days / median) / spread);

    /// <summary>A log-normal time.</summary>
    /// <param name="length">How many days from 0 are kept.</param>
    public static double[] OfLogNormal(double median, double spread, int length)
    {
        // G(a) = ∫₀ᵃ F = a·F(a) − E[X; X ≤ a]; the mass at day j is G(j+1) − 2·G(j) + G(j−1).
        var mean = median * Math.Exp(spread * spread / 2);
        double Area(int days) => days <= 0 ? 0
            : (days * LogNormal(days, median, spread)) - (mean * Normal((Math.Log(days / median) / spread) - spread));

        var areas = Enumerable.Range(0, length + 1).Select(Area).ToArray();
        return [.. Enumerable.Range(0, length).Select(day => areas[day + 1] - (2 * areas[day]) + (day == 0 ? 0 : areas[day - 1]))];
    }

    /// <summary>The sum of two independent times, as far as <paramref name="left"/> goes.</summary>
    public static double[] Sum(double[] left, double[] right)
    {
        var sum = new double[left.Length];
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] != 0)
            {
                var (mass, most) = (left[i], Math.Min(right.Length, sum.Length - i));
                for (var j = 0; j < most; j++)
                {
                    sum[i + j] += mass * right[j];
                }
            }
        }
        return sum;
    }

    /// <summary>The mass up to each day: of what stands at the day itself half lies after it, and at day 0 all.</summary>
    public static double[] Cumulate(double[] masses)
    {
        var sum = 0.0;
        return [.. masses.Select((mass, day) => (sum += mass) - (day == 0 ? mass : mass / 2))];
    }

    /// <summary>The standard normal distribution function, by the series of Marsaglia, Evaluating the Normal Distribution, JSS 11 (2004).</summary>
    public static double Normal(double z)
    {
        if (Math.Abs(z) > 8)
        {
            return z > 0 ? 1 : 0;
        }
        var (sum, term, previous) = (z, z, 0.0);
        for (var n = 3; sum != previous; n += 2)
        {
            previous = sum;
            term *= z * z / n;
            sum += term;
        }
        return 0.5 + (sum * Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI));
    }
}
