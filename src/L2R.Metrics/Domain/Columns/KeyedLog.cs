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
    public static long[] Sort(IReadOnlyList<(KeyedLog Log, int[] Whole)> logs, int keys, Workers workers, out int[] starts)
    {
        // Each log counts its own and then has places of its own under every key: so all are sorted beside each other.
        var places = new int[logs.Count][];
        workers.Run(logs.Count, log => places[log] = logs[log].Log.Count(logs[log].Whole, keys));
        starts = new int[keys + 1];
        var next = 0;
        for (var key = 0; key < keys; key++)
        {
            starts[key] = next;
            foreach (var own in places)
            {
                (own[key], next) = (next, next + own[key]);
            }
        }
        starts[keys] = next;

        var sorted = ArrayPool<long>.Shared.Rent(next);
        workers.Run(logs.Count, log => logs[log].Log.Place(logs[log].Whole, places[log], sorted));
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

    int[] Count(int[] whole, int keys)
    {
        var counts = new int[keys];
        for (var block = 0; block < _blocks.Count; block++)
        {
            foreach (var key in _blocks[block].Keys.AsSpan(0, UsedOf(block)))
            {
                counts[whole[key]]++;
            }
        }
        return counts;
    }

    void Place(int[] whole, int[] next, long[] sorted)
    {
        for (var block = 0; block < _blocks.Count; block++)
        {
            var (keys, values) = _blocks[block];
            for (var index = 0; index < UsedOf(block); index++)
            {
                sorted[next[whole[keys[index]]]++] = values[index];
            }
        }
    }

    int UsedOf(int block) => block == _blocks.Count - 1 ? _used : BlockSize;
}
