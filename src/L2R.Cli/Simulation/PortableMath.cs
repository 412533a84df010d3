namespace L2R.Cli.Simulation;

/// <summary>Logarithm and exponential of basic arithmetic alone: the same bits on every machine, which <see cref="Math"/> does not promise.</summary>
static class PortableMath
{
    const double Ln2 = 0.693147180559945309;

    /// <param name="x">Over 0, and no subnormal.</param>
    public static double Log(double x)
    {
        // x = m · 2^e with m in [√½, √2): then ln m = 2·atanh((m − 1)/(m + 1)), a series that converges fast.
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)((bits >> 52) & 0x7ff) - 1022;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0x000f_ffff_ffff_ffff) | (1022L << 52));
        if (mantissa < 0.70710678118654752)
        {
            mantissa *= 2;
            exponent--;
        }
        var ratio = (mantissa - 1) / (mantissa + 1);
        var (square, term, sum) = (ratio * ratio, ratio, 0.0);
        for (var n = 1; n <= 25; n += 2)
        {
            sum += term / n;
            term *= square;
        }
        return (exponent * Ln2) + (2 * sum);
    }

    /// <param name="x">Between -700 and 700.</param>
    public static double Exp(double x)
    {
        var halvings = (int)Math.Floor((x / Ln2) + 0.5);
        var rest = x - (halvings * Ln2);
        var (term, sum) = (1.0, 1.0);
        for (var n = 1; n <= 16; n++)
        {
            term *= rest / n;
            sum += term;
        }
        return sum * BitConverter.Int64BitsToDouble((long)(halvings + 1023) << 52);
    }
}
