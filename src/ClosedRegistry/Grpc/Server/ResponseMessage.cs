using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>Serialises straight into the response where the marshaller says the length first, as generated code does.</summary>
/// <param name="maxSize">In bytes; null for no limit.</param>
sealed class ResponseMessage(PipeWriter body, int? maxSize) : SerializationContext, IDisposable
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
        if (_length is not { } length)
        {
            return _buffered ??= new FramedMessage(maxSize);
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
        SetPayloadLength(payload.Length);
        WriteHeader(payload.Length);
        body.Write(payload);
    }

    public void Dispose() => _buffered?.Dispose();

    void WriteHeader(int length)
    {
        Frame.WriteHeader(body.GetSpan(Frame.HeaderSize), length);
        body.Advance(Frame.HeaderSize);
    }
}
