using System.Buffers;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Spans of time as they are found, each with the number of what it belongs to; sorted out at the end.</summary>
/// <remarks>In blocks out of a pool: a question over ten million journeys leaves nothing to collect.</remarks>
sealed class KeyedLog : IDisposable
{
    const int BlockSize = 1 << 15;

    readonly List<(int[] Keys, long[] Values)> _blocks = [];
    int[] _keys = [];
    long[] _values = [];
    int _used = BlockSize;

    public void Add(int key, long value)
    {
        if (_used == BlockSize)
        {
            _blocks.Add((_keys = ArrayPool<int>.Shared.Rent(BlockSize), _values = ArrayPool<long>.Shared.Rent(BlockSize)));
            _used = 0;
        }
        _keys[_used] = key;
        _values[_used++] = value;
    }

    /// <summary>Moves the values of several logs to the places of their keys.</summary>
    /// <param name="logs">Each with the key in the whole of each of its own.</param>
    /// <param name="keys">How many keys there are in the whole.</param>
    /// <param name="starts">Where the values of each key begin; one more than there are keys.</param>
    /// <returns>From the pool; longer than what is used of it.</returns>
    public static long[] Sort(IReadOnlyList<(KeyedLog Log, int[] Whole)> logs, int keys, out int[] starts)
    {
        starts = new int[keys + 1];
        foreach (var (log, whole) in logs)
        {
            for (var block = 0; block < log._blocks.Count; block++)
            {
                foreach (var key in log._blocks[block].Keys.AsSpan(0, log.UsedOf(block)))
                {
                    starts[whole[key] + 1]++;
                }
            }
        }
        for (var key = 0; key < keys; key++)
        {
            starts[key + 1] += starts[key];
        }

        var next = starts[..^1];
        var sorted = ArrayPool<long>.Shared.Rent(starts[^1]);
        foreach (var (log, whole) in logs)
        {
            for (var block = 0; block < log._blocks.Count; block++)
            {
                var (blockKeys, values) = log._blocks[block];
                for (var index = 0; index < log.UsedOf(block); index++)
                {
                    sorted[next[whole[blockKeys[index]]]++] = values[index];
                }
            }
        }
        return sorted;
    }

    public void Dispose()
    {
        foreach (var (keys, values) in _blocks)
        {
            ArrayPool<int>.Shared.Return(keys);
            ArrayPool<long>.Shared.Return(values);
        }
        _blocks.Clear();
        _used = BlockSize;
    }

    int UsedOf(int block) => block == _blocks.Count - 1 ? _used : BlockSize;
}
