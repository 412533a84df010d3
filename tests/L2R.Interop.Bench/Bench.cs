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
        Task.FromResult(Measure());

    /// <summary>Of this process.</summary>
    public static Usage Measure()
    {
        var last = GC.GetGCMemoryInfo(GCKind.Any);
        return new Usage
        {
            Allocated = GC.GetTotalAllocatedBytes(),
            Gen0 = GC.CollectionCount(0),
            Gen1 = GC.CollectionCount(1),
            Gen2 = GC.CollectionCount(2),
            Heap = last.HeapSizeBytes,
            Gen2Heap = last.GenerationInfo[2].SizeAfterBytes,
            Resident = Environment.WorkingSet,
        };
    }
}
