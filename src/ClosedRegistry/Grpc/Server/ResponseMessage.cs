using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>Serialises straight into the response where the marshaller says the length first, as generated code does, and nothing is compressed.</summary>
/// <param name="maxSize">In bytes, before compression; null for no limit.</param>
/// <param name="compression">Null where the message travels as it is.</param>
/// <param name="level">Null for the provider's own.</param>
sealed class ResponseMessage(PipeWriter body, int? maxSize, ICompressionProvider? compression, CompressionLevel? level) : SerializationContext, IDisposable
{
    int? _length;
    FramedMessage? _buffered;

    public override void SetPayloadLength(int payloadLength)
    {
        if (payloadLength > maxSize)
        {
            throw new RpcException(Frame.TooLargeToSend);
        }
        _length = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_length is not { } length || compression is not null)
        {
            return Buffered;
        }
        WriteHeader(length);
        return body;
    }

    public override void Complete()
    {
        if (_buffered is not null)
        {
            _buffered.Complete();
            body.Write(_buffered.Framed.Span);
        }
    }

    public override void Complete(byte[] payload)
    {
        if (compression is not null)
        {
            Buffered.Write(payload);
            Complete();
            return;
        }
        SetPayloadLength(payload.Length);
        WriteHeader(payload.Length);
        body.Write(payload);
    }

    FramedMessage Buffered => _buffered ??= new FramedMessage(maxSize, compression, level);

    public void Dispose() => _buffered?.Dispose();

    void WriteHeader(int length)
    {
        Frame.WriteHeader(body.GetSpan(Frame.HeaderSize), length);
        body.Advance(Frame.HeaderSize);
    }
}
