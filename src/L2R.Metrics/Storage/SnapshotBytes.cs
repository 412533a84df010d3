using System.Buffers;
using System.Runtime.InteropServices;

namespace L2R.Metrics.Storage;

/// <summary>Writes arrays as they lie in memory, each after its length.</summary>
readonly struct SnapshotWriter()
{
    readonly ArrayBufferWriter<byte> _bytes = new();

    public void Write<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        var length = items.Length;
        _bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        _bytes.Write(MemoryMarshal.AsBytes(items));
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote, in its order.</summary>
ref struct SnapshotReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _left = bytes;

    /// <exception cref="ArgumentOutOfRangeException">The bytes end before.</exception>
    public T[] Read<T>()
        where T : unmanaged
    {
        var length = MemoryMarshal.Read<int>(_left);
        _left = _left[sizeof(int)..];
        var items = new T[length];
        var size = MemoryMarshal.AsBytes(items.AsSpan()).Length;
        _left[..size].CopyTo(MemoryMarshal.AsBytes(items.AsSpan()));
        _left = _left[size..];
        return items;
    }
}
