using Google.Protobuf;
using Grpc.Net.Client;

namespace L2R.Interop.Bench;

/// <param name="PerSecond">Calls, or messages of streams.</param>
/// <param name="ClientBytes">Allocated by the client for each.</param>
/// <param name="ServerBytes">Allocated by the server for each.</param>
/// <param name="ServerGen2">Collections of generation 2 in the server meanwhile.</param>
sealed record LoadResult(double PerSecond, double ClientBytes, double ServerBytes, int ServerGen2);

/// <summary>Keeps calls in flight with our own client, on one channel.</summary>
/// <param name="size">In bytes, of a payload.</param>
sealed class Load(Uri address, bool isStream, int size) : IDisposable
{
    const int MessagesPerStream = 10_000;

    readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);

    public async Task<LoadResult> RunAsync(int inFlight, TimeSpan duration)
    {
        var client = new BenchService.BenchServiceClient(_channel);
        var request = new Message { Payload = ByteString.CopyFrom(new byte[size]) };
        var clock = TimeProvider.System;
        var (before, allocated, start) = (await client.ReadUsageAsync(new ReadUsageRequest()), GC.GetTotalAllocatedBytes(), clock.GetTimestamp());

        Func<Task<long>> run = isStream ? StreamAsync : CallAsync;
        var counts = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(run)));

        var (took, own) = (clock.GetElapsedTime(start), GC.GetTotalAllocatedBytes() - allocated);
        var after = await client.ReadUsageAsync(new ReadUsageRequest());
        var count = (double)counts.Sum();
        return new LoadResult(count / took.TotalSeconds, own / count, (after.Allocated - before.Allocated) / count, after.Gen2 - before.Gen2);

        async Task<long> CallAsync()
        {
            var calls = 0L;
            while (clock.GetElapsedTime(start) < duration)
            {
                await client.EchoAsync(request);
                calls++;
            }
            return calls;
        }

        async Task<long> StreamAsync()
        {
            var messages = 0L;
            while (clock.GetElapsedTime(start) < duration)
            {
                using var call = client.Stream(new StreamRequest { Messages = MessagesPerStream, Size = size });
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    messages++;
                }
            }
            return messages;
        }
    }

    public void Dispose() => _channel.Dispose();
}
