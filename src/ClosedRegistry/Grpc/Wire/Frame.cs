using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Wire;

/// <summary>How a message travels: one byte that says whether it is compressed, four bytes of length (big endian), the message.</summary>
static class Frame
{
    public const int HeaderSize = 5;
    public const int DefaultMaxReceiveSize = 4 * 1024 * 1024;

    public static readonly Status TooLargeToSend =
        new(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size.");

    static readonly Status TooLargeReceived =
        new(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");

    public static void WriteHeader(Span<byte> header, int length, bool isCompressed = false)
    {
        header[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
    }

    /// <summary>Takes the next whole message off the front of <paramref name="buffer"/>.</summary>
    /// <param name="maxSize">In bytes, of the message as it travels and of what it expands to; null for no limit.</param>
    /// <param name="encodings">Those that this side reads.</param>
    /// <param name="encoding">The peer's grpc-encoding, needed where the message is compressed.</param>
    /// <returns>False where the message has not arrived in full.</returns>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int? maxSize, Encodings encodings, string? encoding, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1)
        {
            throw new InvalidDataException("Unexpected compressed flag value in message header.");
        }
        if (length > maxSize)
        {
            throw new RpcException(TooLargeReceived);
        }
        if (buffer.Length < HeaderSize + (long)length)
        {
            return false;
        }

        message = buffer.Slice(HeaderSize, length);
        buffer = buffer.Slice(message.End);
        if (header[0] == 1)
        {
            message = Expand(message, encodings.Expanding(encoding), maxSize);
        }
        return true;
    }

    static ReadOnlySequence<byte> Expand(ReadOnlySequence<byte> compressed, ICompressionProvider provider, int? maxSize)
    {
        using var source = new MemoryStream(compressed.ToArray());
        using var expanding = provider.CreateDecompressionStream(source);

        var expanded = new ArrayBufferWriter<byte>();
        int read;
        while ((read = expanding.Read(expanded.GetSpan(4096))) > 0)
        {
            expanded.Advance(read);
            if (expanded.WrittenCount > maxSize)
            {
                throw new RpcException(TooLargeReceived);
            }
        }
        return new ReadOnlySequence<byte>(expanded.WrittenMemory);
    }
}

/// <summary>The bytes of a received message, for its marshaller. Valid while it reads them.</summary>
sealed class Payload : DeserializationContext
{
    public ReadOnlySequence<byte> Bytes;

    public override int PayloadLength => (int)Bytes.Length;

    public override byte[] PayloadAsNewBuffer() => Bytes.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Bytes;
}

/// <summary>A message on its way out, in one rented buffer behind its header.</summary>
/// <param name="maxSize">In bytes, before compression; null for no limit.</param>
/// <param name="compression">Null where the message travels as it is.</param>
/// <param name="level">Null for the provider's own.</param>
sealed class FramedMessage(int? maxSize, ICompressionProvider? compression = null, CompressionLevel? level = null) : SerializationContext, IBufferWriter<byte>, IDisposable
{
    byte[] _buffer = [];
    int _end = Frame.HeaderSize;
    bool _complete;

    /// <summary>Header and message. The buffer goes back with <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Framed => _complete
        ? _buffer.AsMemory(0, _end)
        : throw new InvalidOperationException("Serialization did not return a payload.");

    public override void SetPayloadLength(int payloadLength)
    {
        Check(payloadLength);
        Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete(byte[] payload)
    {
        Check(payload.Length);
        Reserve(payload.Length);
        payload.CopyTo(_buffer.AsSpan(_end));
        _end += payload.Length;
        Complete();
    }

    public override void Complete()
    {
        var length = _end - Frame.HeaderSize;
        Check(length);
        Reserve(0);
        Compress();
        Frame.WriteHeader(_buffer, _end - Frame.HeaderSize, compression is not null);
        _complete = true;
    }

    public void Advance(int count) => _end += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
        _complete = false;
    }

    void Check(int length)
    {
        if (length > maxSize)
        {
            throw new RpcException(Frame.TooLargeToSend);
        }
    }

    void Compress()
    {
        if (compression is null)
        {
            return;
        }
        using var compressed = new MemoryStream();
        using (var compressing = compression.CreateCompressionStream(compressed, level))
        {
            compressing.Write(_buffer.AsSpan(Frame.HeaderSize, _end - Frame.HeaderSize));
        }
        _end = Frame.HeaderSize;
        Reserve((int)compressed.Length);
        compressed.GetBuffer().AsSpan(0, (int)compressed.Length).CopyTo(_buffer.AsSpan(_end));
        _end += (int)compressed.Length;
    }

    void Reserve(int more)
    {
        if (_buffer.Length - _end >= more && _buffer.Length > 0)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + more, 2 * _buffer.Length));
        _buffer.AsSpan(0, Math.Min(_end, _buffer.Length)).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = larger;
    }
}
