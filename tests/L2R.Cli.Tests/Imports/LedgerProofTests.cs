using System.Security.Cryptography;
using Grpc.Core;
using L2R.Cli.Tokens;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Imports;

/// <summary>The command with a token whose tenant can be read, so that the rows themselves can be found in the ledger.</summary>
public sealed class LedgerProofTests : IDisposable
{
    static readonly string[] Walk =
    [
        Lines.Of("1", "LEAD", 0), Lines.Of("1", "MQL", 1), Lines.Of("1", "SAL", 2), Lines.Of("1", "SQL", 3),
    ];

    static readonly L2R.Ledger.V1.Stage[] Stages =
        [L2R.Ledger.V1.Stage.Lead, L2R.Ledger.V1.Stage.Mql, L2R.Ledger.V1.Stage.Sal, L2R.Ledger.V1.Stage.Sql];

    readonly TempCheckout _temp = new();
    readonly string _token;

    public LedgerProofTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _token = DevToken.Issue(key.ExportPkcs8PrivateKeyPem(), "acme", ["revops"], "test", TimeSpan.FromHours(1), TimeProvider.System);
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Rows_of_others_do_not_pass_for_those_of_the_import()
    {
        await using var stack = await FakeStack.StartAsync();
        // By the counts all is there; the journey is heard of in the second round, and its last rows in the third.
        stack.Journeys = name => stack.Asked.Count switch
        {
            <= 3 => null,
            <= 6 => Journey(name, 0, 1),
            _ => Journey(name, 0, 1, 2, 3),
        };

        Assert.Equal(0, await ImportAsync(stack, Walk));

        // A batch for each of three owners, of which the third was missing once more.
        Assert.Equal(Enumerable.Repeat(Name("1"), 3 + 3 + 1), stack.Asked);
    }

    [Fact]
    public async Task One_row_proves_a_batch_of_new_rows_and_each_row_a_batch_of_which_some_were_known()
    {
        await using var stack = await FakeStack.StartAsync();
        string[] leads = [.. Enumerable.Range(1, 4).Select(journey => Lines.Of($"{journey}", "LEAD", 0))];

        stack.Journeys = name => Journey(name, 0);
        await ImportAsync(stack, leads[..2]);
        Assert.Equal([Name("1")], stack.Asked);

        stack.Asked.Clear();
        await ImportAsync(stack, leads);
        Assert.Equal(new[] { "1", "2", "3", "4" }.Select(Name).Order(), stack.Asked.Order());
    }

    [Fact]
    public async Task A_correction_is_there_when_a_row_in_force_says_what_it_says()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.Journeys = name => Journey(name, 0);
        await ImportAsync(stack, Walk[..1]);
        stack.Asked.Clear();
        stack.Serving[Owner.Intake] = async (requests, responses) =>
        {
            await requests.MoveNext(TestContext.Current.CancellationToken);
            await responses.WriteAsync(new ImportTransitionsResponse { CorrectedCount = 1 }, TestContext.Current.CancellationToken);
        };
        // First the old content is in force, then the new one is known but not in force, then it is.
        stack.Journeys = name => stack.Asked.Count switch
        {
            1 => Contents(("source-user:112", true)),
            2 => Contents(("source-user:112", true), ("source-user:113", false)),
            _ => Contents(("source-user:112", false), ("source-user:113", true)),
        };

        Assert.Equal(0, await ImportAsync(stack, [Walk[0].Replace(",112,", ",113,", StringComparison.Ordinal)], "--correct"));

        Assert.Equal(3, stack.Asked.Count);
    }

    [Fact]
    public async Task A_service_on_its_way_back_is_waited_for_before_anything_is_sent()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.Journeys = name => Journey(name, 0, 1, 2, 3);
        stack.Failures.Enqueue(new RpcException(new Status(StatusCode.Unavailable, "metrics does not answer"), new Metadata { { "grpc-status-details-bin", [1] } }));

        Assert.Equal(0, await ImportAsync(stack, Walk));

        Assert.Empty(stack.Failures);
    }

    [Fact]
    public async Task What_is_not_there_at_all_is_not_waited_for()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.Failures.Enqueue(new RpcException(new Status(StatusCode.Unavailable, "nobody")));

        Assert.Equal(1, await ImportAsync(stack, Walk));

        Assert.Empty(stack.Batches);
    }

    [Fact]
    public async Task While_nothing_arrives_it_says_what_it_waits_for_and_gives_up_after_three_minutes()
    {
        await using var stack = await FakeStack.StartAsync();
        var (clock, said) = (new LeapingClock(), new List<(TimeSpan, string)>());
        using var gateway = Stack.Gateway.Open(_temp.Checkout, stack.Address, _token, "acme");
        var start = clock.GetTimestamp();
        var proof = new Cli.Imports.LedgerProof(gateway, "acme", _ => true, text => said.Add((clock.GetElapsedTime(start), text)), clock);
        proof.Add(
            new ImportTransitionsRequest { Source = "loans", Transitions = { new ImportedTransition { JourneyKey = "1" } } },
            new ImportTransitionsResponse { StoredCount = 1 });

        Assert.False(await proof.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal([(TimeSpan.FromSeconds(15.25), "waits for Metrics, which has not heard of all rows yet; ./l2r queues shows how far behind it is")], said);
        Assert.Equal(TimeSpan.FromSeconds(180.25), clock.GetElapsedTime(start));
    }

    /// <summary>Every wait is over at once, and time has passed by it.</summary>
    sealed class LeapingClock : TimeProvider
    {
        long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ticks += dueTime.Ticks;
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    static string Name(string key) => $"journeys/{TransitionId.OfJourney("acme", "loans", key):D}";

    /// <summary>The lead of <see cref="Walk"/> and its rows, as the ledger gives them.</summary>
    static Journey Journey(string name, params int[] sequences) => new()
    {
        Name = name,
        Rows = { sequences.Select(sequence => Row(sequence, "source-user:112", isInForce: true)) },
    };

    /// <summary>First rows that differ in their actor.</summary>
    static Journey Contents(params (string Actor, bool InForce)[] rows) => new() { Rows = { rows.Select(row => Row(0, row.Actor, row.InForce)) } };

    static JourneyRow Row(int sequence, string actor, bool isInForce) => new()
    {
        InForce = isInForce,
        Change = new StageChanged
        {
            TransitionId = Guid.NewGuid().ToString("D"),
            To = Stages[sequence],
            SourceSeq = sequence,
            OccurTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(new DateTime(2025, 1, 1, sequence, 0, 0, DateTimeKind.Utc)),
            Actor = actor,
            Amount = new L2R.Type.V1.Money { CurrencyCode = "EUR", Units = 100 },
            Dimensions = new Dimensions(),
        },
    };

    Task<int> ImportAsync(FakeStack stack, string[] lines, params string[] options) => _temp.RunAsync(
        ["import", _temp.Write("file.csv", Lines.File(lines)), "--map", "loans", "--gateway", stack.Address, "--token", _token, .. options]);
}
