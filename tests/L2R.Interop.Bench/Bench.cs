using Google.Protobuf;
using Grpc.Core;

namespace L2R.Interop.Bench;

/// <summary>Does as little as it can: what is measured is gRPC.</summary>
sealed class Bench : BenchService.BenchServiceBase
{
    public override Task<Message> Echo(Message request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Stream(StreamRequest request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        var message = new Message { Payload = ByteString.CopyFrom(new byte[request.Size]) };
        for (var sent = 0; sent < request.Messages; sent++)
        {
            await responseStream.WriteAsync(message, context.CancellationToken);
        }
    }

    public override Task<Usage> ReadUsage(ReadUsageRequest request, ServerCallContext context) =>
        Task.FromResult(new Usage { Allocated = GC.GetTotalAllocatedBytes(), Gen2 = GC.CollectionCount(2) });
}
