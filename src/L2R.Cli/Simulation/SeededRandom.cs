using System.Numerics;

namespace L2R.Cli.Simulation;

/// <summary>Random numbers that are the same for the same seed on every machine and in every version: xoshiro256**, seeded by SplitMix64.</summary>
/// <remarks>Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47 (2021). System.Random promises no algorithm.</remarks>
sealed class SeededRandom
{
    const double ToUnit = 1.0 / (1L << 53);

    readonly ulong[] _state;
    double? _spareNormal;

    /// <param name="stream">Numbers of one stream say nothing about those of another.</param>
    public SeededRandom(long seed, long stream)
    {
        var mixed = Mix((ulong)seed) ^ Mix((ulong)stream + 0x9e37_79b9_7f4a_7c15);
        _state = new ulong[4];
        for (var index = 0; index < _state.Length; index++)
        {
            mixed += 0x9e37_79b9_7f4a_7c15;
            _state[index] = Mix(mixed);
        }
    }

    SeededRandom(ulong[] state) => _state = state;

    /// <summary>For comparison with other implementations.</summary>
    public static SeededRandom OfState(params ulong[] state) => new(state);

    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_state[1] * 5, 7) * 9;
        var shifted = _state[1] << 17;
        _state[2] ^= _state[0];
        _state[3] ^= _state[1];
        _state[1] ^= _state[2];
        _state[0] ^= _state[3];
        _state[2] ^= shifted;
        _state[3] = BitOperations.RotateLeft(_state[3], 45);
        return result;
    }

    /// <summary>From 0 up to, not including, 1.</summary>
    public double NextUnit() => (NextBits() >> 11) * ToUnit;

    public bool NextChance(double probability) => NextUnit() < probability;

    /// <param name="weights">Of the choices; their sum need not be 1.</param>
    /// <returns>The index of one.</returns>
    public int NextChoice(IReadOnlyList<double> weights)
    {
        var left = NextUnit() * weights.Sum();
        for (var index = 0; index < weights.Count - 1; index++)
        {
            left -= weights[index];
            if (left < 0)
            {
                return index;
            }
        }
        return weights.Count - 1;
    }

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    public double NextNormal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }
        while (true)
        {
            var (x, y) = ((2 * NextUnit()) - 1, (2 * NextUnit()) - 1);
            var square = (x * x) + (y * y);
            if (square is > 0 and < 1)
            {
                var scale = Math.Sqrt(-2 * PortableMath.Log(square) / square);
                _spareNormal = y * scale;
                return x * scale;
            }
        }
    }

    /// <summary>Log-normal.</summary>
    /// <param name="spread">The standard deviation of the logarithm.</param>
    public double NextLogNormal(double median, double spread) => median * PortableMath.Exp(spread * NextNormal());

    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58_476d_1ce4_e5b9;
        value = (value ^ (value >> 27)) * 0x94d0_49bb_1331_11eb;
        return value ^ (value >> 31);
    }
}
