using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace L2R.Interop.Bench;

/// <summary>Calls at a modest rate for a long time, and says every minute what server and client hold: what leaks shows.</summary>
/// <param name="perSecond">Calls: 98 of 100 are echoes of 1 KiB, one is a stream of ten messages, one a stream that is given up after its first.</param>
sealed class Soak(Uri address, int perSecond, TextWriter output) : IDisposable
{
    const int Size = 1024;
    const int Messages = 10;

    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Sample = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);
    readonly TimeProvider _clock = TimeProvider.System;
    readonly Message _request = new() { Payload = ByteString.CopyFrom(new byte[Size]) };
    long _calls;
    long _errors;

    /// <returns>How many calls failed, or came back with something else than they should.</returns>
    public async Task<long> RunAsync(TimeSpan duration)
    {
        var client = new BenchService.BenchServiceClient(_channel);
        await output.WriteLineAsync($"{"",6} {"",12} {"",6} | {"server",-47} | client");
        await output.WriteLineAsync($"{"minute",6} {"calls",12} {"errors",6} | {Columns} | {Columns}");
        using var ticks = new PeriodicTimer(Tick, _clock);
        var start = _clock.GetTimestamp();
        for (var minute = 0; ; minute++)
        {
            while (_clock.GetElapsedTime(start) is var passed && passed < minute * Sample && passed < duration)
            {
                await ticks.WaitForNextTickAsync();
                await Task.WhenAll(Enumerable.Range(0, (int)(perSecond * Tick.TotalSeconds)).Select(_ => CallAsync(client)));
            }
            await output.WriteLineAsync(
                $"{minute,6} {_calls.ToString("#,0", CultureInfo.InvariantCulture),12} {_errors,6} | {Row(await client.ReadUsageAsync(new ReadUsageRequest()))} | {Row(Bench.Measure())}");
            if (_clock.GetElapsedTime(start) >= duration)
            {
                return _errors;
            }
        }
    }

    public void Dispose() => _channel.Dispose();

    async Task CallAsync(BenchService.BenchServiceClient client)
    {
        var number = Interlocked.Increment(ref _calls);
        try
        {
            var deadline = _clock.GetUtcNow().UtcDateTime + Patience;
            var expected = (number % 100) switch
            {
                0 => await StreamAsync(client, deadline, atMost: Messages) == Messages,
                50 => await StreamAsync(client, deadline, atMost: 1) == 1,
                _ => (await client.EchoAsync(_request, deadline: deadline)).Payload.Length == Size,
            };
            if (!expected)
            {
                await FailAsync($"call {number} came back with something else");
            }
        }
        catch (RpcException failure)
        {
            await FailAsync($"call {number}: {failure.Status}");
        }
    }

    static async Task<int> StreamAsync(BenchService.BenchServiceClient client, DateTime deadline, int atMost)
    {
        using var call = client.Stream(new StreamRequest { Messages = Messages, Size = Size }, deadline: deadline);
        var read = 0;
        while (read < atMost && await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            read++;
        }
        return read;
    }

    async Task FailAsync(string what)
    {
        if (Interlocked.Increment(ref _errors) <= 10)
        {
            await output.WriteLineAsync(what);
        }
    }

    static string Columns => $"{"gen0",7} {"gen1",7} {"gen2",5} {"heap",7} {"in gen2",7} {"RSS",8}";

    static string Row(Usage usage) =>
        $"{usage.Gen0,7} {usage.Gen1,7} {usage.Gen2,5} {Mebibytes(usage.Heap),7} {Mebibytes(usage.Gen2Heap),7} {Mebibytes(usage.Resident),8}";

    static string Mebibytes(long bytes) => (bytes / 1048576.0).ToString("#,0.0", CultureInfo.InvariantCulture);
}
