using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Reads messages off a body.</summary>
/// <param name="maxSize">In bytes; null for no limit.</param>
/// <param name="encodings">Those that this side reads.</param>
/// <param name="encoding">The peer's grpc-encoding.</param>
sealed class MessageReader<T>(
    PipeReader body, Func<DeserializationContext, T> deserialize, int? maxSize, Encodings encodings, string? encoding)
    where T : class
{
    static readonly Status Incomplete = new(StatusCode.Internal, "Incomplete message.");
    static readonly Status Additional = new(StatusCode.Internal, "Additional data after the message received.");

    readonly Payload _payload = new();

    /// <summary>Gives the buffers of the body back. Not while a read is in progress.</summary>
    public void Complete() => body.Complete();

    /// <returns>The next message, or null at the end of the body.</returns>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (Frame.TryRead(ref buffer, maxSize, encodings, encoding, out _payload.Bytes))
            {
                var message = deserialize(_payload);
                body.AdvanceTo(buffer.Start);
                return message;
            }
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new RpcException(Incomplete);
            }
            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>As <see cref="ReadSingleAsync"/>, and gives the buffers of the body back.</summary>
    public async ValueTask<T?> ReadSingleAndCompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadSingleAsync(cancellationToken);
        }
        finally
        {
            Complete();
        }
    }

    /// <summary>Reads to the end of a body that holds one message.</summary>
    /// <returns>Null where it holds none.</returns>
    public async ValueTask<T?> ReadSingleAsync(CancellationToken cancellationToken)
    {
        T? message = null;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (message is null && Frame.TryRead(ref buffer, maxSize, encodings, encoding, out _payload.Bytes))
            {
                message = deserialize(_payload);
            }
            if (message is not null && !buffer.IsEmpty)
            {
                throw new RpcException(Additional);
            }
            if (read.IsCompleted)
            {
                return message is not null || buffer.IsEmpty ? message : throw new RpcException(Incomplete);
            }
            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
