using Grpc.Core;
using L2R.Cli.Imports;
using L2R.Ledger.V1;

namespace L2R.Cli.Tests.Imports;

/// <summary>One stream, call by call.</summary>
public sealed class OwnerStreamTests : IClientStreamWriter<ImportTransitionsRequest>, IAsyncStreamReader<ImportTransitionsResponse>
{
    readonly List<string> _calls = [];
    int _acks = 2;

    /// <summary>What the end of the stream throws, if anything.</summary>
    RpcException? _end;

    public WriteOptions? WriteOptions { get; set; }

    public ImportTransitionsResponse Current { get; } = new();

    [Fact]
    public async Task Is_read_to_its_end_before_it_is_let_go_of_so_that_the_owner_sees_no_cancelled_call()
    {
        await RunAsync();

        Assert.Equal(["write", "write", "read", "read", "complete", "read the end", "dispose"], _calls);
    }

    [Fact]
    public async Task Once_all_is_acknowledged_it_does_not_matter_how_the_stream_ends()
    {
        _end = new RpcException(new Status(StatusCode.Unavailable, "killed"));

        await RunAsync();

        Assert.Equal(["write", "write", "read", "read", "complete", "read the end", "dispose"], _calls);
    }

    Task IAsyncStreamWriter<ImportTransitionsRequest>.WriteAsync(ImportTransitionsRequest message) => Note("write");

    Task IClientStreamWriter<ImportTransitionsRequest>.CompleteAsync() => Note("complete");

    async Task<bool> IAsyncStreamReader<ImportTransitionsResponse>.MoveNext(CancellationToken cancellationToken)
    {
        await Note(_acks > 0 ? "read" : "read the end");
        return _acks-- > 0 || (_end is null ? false : throw _end);
    }

    async Task RunAsync() => await new OwnerStream<ImportTransitionsRequest, ImportTransitionsResponse>("Intake", _ => Open(), (_, _) => { }, text => _calls.Add(text), TimeProvider.System)
        .RunAsync([new ImportTransitionsRequest(), new ImportTransitionsRequest()], TestContext.Current.CancellationToken);

    AsyncDuplexStreamingCall<ImportTransitionsRequest, ImportTransitionsResponse> Open() =>
        new(this, this, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => _calls.Add("dispose"));

    Task Note(string call)
    {
        _calls.Add(call);
        return Task.CompletedTask;
    }
}
