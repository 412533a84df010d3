using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;

namespace L2R.Cli.Tests.Imports;

/// <summary>The whole command against services that ack, refuse and break.</summary>
public sealed partial class ImportCommandTests : IDisposable
{
    static readonly string[] Walk =
    [
        Lines.Of("1", "LEAD", 0), Lines.Of("1", "MQL", 1), Lines.Of("1", "SAL", 2), Lines.Of("1", "SQL", 3), Lines.Of("1", "OPPORTUNITY", 4), Lines.Of("1", "CLOSED_WON", 5),
    ];

    readonly TempCheckout _temp = new();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_owner_gets_its_rows_and_a_second_run_finds_nothing_new()
    {
        await using var stack = await FakeStack.StartAsync();

        Assert.Equal(0, await ImportAsync(stack, Walk));
        Assert.Equal(
            ["Intake 2 Unspecified>Lead", "Scoring 3 Lead>Mql", "Handoff 4 Mql>Sal", "Handoff 5 Sal>Sql", "Opportunity 6 Sql>Opportunity", "Opportunity 7 Opportunity>ClosedWon"],
            stack.Stored);
        Assert.Equal("Bearer secret", stack.Authorization);
        Assert.All(stack.Batches, batch => Assert.Equal(("loans", false), (batch.Source, batch.Correct)));
        Assert.Equal(
            [
                "l2r: reads FILE",
                $"l2r: sends 6 rows of 1 journey to {stack.Address}/",
                "6 rows stored, 0 unchanged, 0 corrected, 0 rejected; 1 journey",
                "N s, N rows/s until the ledger had the last one",
            ],
            Said());

        Assert.Equal(0, await ImportAsync(stack, Walk));
        Assert.Equal("nothing new: 6 rows unchanged, 0 rejected; 1 journey", Said()[^2]);
    }

    [Fact]
    public async Task Refused_lines_are_listed_and_the_rest_goes_on()
    {
        await using var stack = await FakeStack.StartAsync();

        Assert.Equal(3, await ImportAsync(stack, [.. Walk, "2,LEAD", Lines.Of("3", "LEAD", 0), "3,MQL,?,1,,5,1", Lines.Of("3", "REJECTED", 2)]));

        Assert.Equal(7, stack.Stored.Count());
        Assert.Equal(
            [
                "7 rows stored, 0 unchanged, 0 corrected, 3 rejected; 2 journeys",
                "N s, N rows/s until the ledger had the last one",
                "line 8: LINE_INVALID: the line has 2 fields where the header has 7",
                "line 10: LINE_INVALID: occurred_at must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not '?'; because of it line 11 of its journey too",
                "correct these lines and import the file again; lines that are stored are left unchanged",
            ],
            Said().TakeLast(5));
    }

    [Fact]
    public async Task What_a_service_refuses_is_listed_too_and_json_has_everything()
    {
        await using var stack = await FakeStack.StartAsync();
        await ImportAsync(stack, Walk);
        _temp.Output.GetStringBuilder().Clear();

        Assert.Equal(3, await ImportAsync(stack, [.. Walk[..2], Walk[2].Replace(",100,", ",200,", StringComparison.Ordinal)], "--json"));

        using var report = JsonDocument.Parse(_temp.Output.ToString());
        Assert.Equal(
            """{"line":4,"reason":"KEY_REUSED","message":"a row with this journey and source_seq was imported before with other content: --correct supersedes it","laterLines":[]}""",
            JsonSerializer.Serialize(report.RootElement.GetProperty("rejects")[0]));
        Assert.Equal(
            [3, 1, 3, 0, 2, 0, 1],
            new[] { "rows", "journeys", "sent", "stored", "unchanged", "corrected", "rejected" }.Select(name => report.RootElement.GetProperty(name).GetInt64()));
        Assert.True(report.RootElement.GetProperty("inLedger").GetBoolean());
    }

    [Fact]
    public async Task Rows_of_which_none_is_taken_are_not_called_nothing_new()
    {
        await using var stack = await FakeStack.StartAsync();
        await ImportAsync(stack, Walk[..2]);

        Assert.Equal(3, await ImportAsync(stack, [Walk[0], Walk[1].Replace(",100,", ",200,", StringComparison.Ordinal)]));

        Assert.Equal(
            [
                "0 rows stored, 1 unchanged, 0 corrected, 1 rejected; 1 journey",
                "N s, N rows/s until the ledger had the last one",
                "line 3: KEY_REUSED: a row with this journey and source_seq was imported before with other content: --correct supersedes it",
            ],
            Said()[^4..^1]);
    }

    [Fact]
    public async Task A_file_without_a_row_that_can_be_sent_is_not_sent()
    {
        await using var stack = await FakeStack.StartAsync();

        Assert.Equal(3, await ImportAsync(stack, ["2,LEAD"]));

        Assert.Equal(["l2r: reads FILE", "1 row of 0 journeys, 1 rejected; nothing was sent"], Said()[..2]);
        Assert.Null(stack.Authorization);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_opened_again_and_what_was_not_acknowledged_is_sent_again()
    {
        await using var stack = await FakeStack.StartAsync();
        var calls = 0;
        stack.Serving[Owner.Intake] = async (requests, responses) =>
        {
            if (Interlocked.Increment(ref calls) > 1)
            {
                return;
            }
            await requests.MoveNext(Cancelled);
            await responses.WriteAsync(stack.Store(Owner.Intake, requests.Current), Cancelled);
            await requests.MoveNext(Cancelled);
            stack.Store(Owner.Intake, requests.Current); // stored, and killed before it could say so
            throw new RpcException(new Status(StatusCode.Unavailable, "killed"));
        };

        Assert.Equal(0, await ImportAsync(stack, [.. Enumerable.Range(1, 5).Select(journey => Lines.Of($"{journey}", "LEAD", 0))], "--batch", "1"));

        Assert.Equal((5, 2), (stack.Stored.Count(), calls));
        Assert.Equal([2, 3, 3, 4, 5, 6], stack.Batches.Select(batch => batch.Transitions[0].Line));
        Assert.Equal(
            ["l2r: the stream to Intake broke (Unavailable: killed), tries again in 0.2 s", "4 rows stored, 1 unchanged, 0 corrected, 0 rejected; 5 journeys"],
            Said()[2..4]);
    }

    [Fact]
    public async Task Four_batches_are_on_their_way_and_the_next_waits_for_an_acknowledgement()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.Serving[Owner.Intake] = async (requests, responses) =>
        {
            var acks = new List<ImportTransitionsResponse>();
            for (var batch = 1; batch <= 4; batch++)
            {
                Assert.True(await requests.MoveNext(Cancelled));
                acks.Add(stack.Store(Owner.Intake, requests.Current));
            }
            var fifth = requests.MoveNext(Cancelled);
            // Time enough for all of another owner's batches is time enough for a fifth one, if it were sent.
            while (stack.Batches.Count(batch => batch.Transitions[0].To == L2R.Ledger.V1.Stage.Mql) < 6)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled);
            }
            Assert.False(fifth.IsCompleted);
            await responses.WriteAsync(acks[0], Cancelled);
            Assert.True(await fifth);
            acks.Add(stack.Store(Owner.Intake, requests.Current));
            foreach (var ack in acks.Skip(1))
            {
                await responses.WriteAsync(ack, Cancelled);
            }
        };

        var lines = Enumerable.Range(1, 6).SelectMany(journey => new[] { Lines.Of($"{journey}", "LEAD", 0), Lines.Of($"{journey}", "MQL", 1) });
        Assert.Equal(0, await ImportAsync(stack, [.. lines], "--batch", "1"));

        Assert.Equal(12, stack.Stored.Count());
        Assert.DoesNotContain("broke", _temp.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_until_the_ledger_has_every_row()
    {
        await using var stack = await FakeStack.StartAsync();
        foreach (var count in new[] { 0, 0, 1, 2, 2 }) // the first is how it was before
        {
            stack.LaggingCounts.Enqueue(count);
        }

        Assert.Equal(0, await ImportAsync(stack, [.. Enumerable.Range(1, 3).Select(journey => Lines.Of($"{journey}", "LEAD", 0))]));

        Assert.Empty(stack.LaggingCounts);
    }

    [Fact]
    public async Task Does_not_wait_for_the_ledger_when_told_so()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.LaggingCounts.Enqueue(0);
        stack.LaggingCounts.Enqueue(0);

        Assert.Equal(0, await ImportAsync(stack, Walk, "--no-wait"));

        Assert.Single(stack.LaggingCounts);
        Assert.Equal("N s, N rows/s until the last acknowledgement", Said()[^1]);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_after_the_batches_on_their_way_and_the_next_run_goes_on()
    {
        await using var stack = await FakeStack.StartAsync();
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        stack.Serving[Owner.Intake] = async (requests, responses) =>
        {
            await requests.MoveNext(Cancelled);
            await interrupted.CancelAsync();
            await responses.WriteAsync(stack.Store(Owner.Intake, requests.Current), Cancelled);
        };
        string[] lines = [.. Enumerable.Range(1, 20).Select(journey => Lines.Of($"{journey}", "LEAD", 0))];

        Assert.Equal(130, await ImportAsync(stack, lines, interrupted.Token, "--batch", "1"));

        Assert.InRange(stack.Stored.Count(), 1, 4);
        Assert.Equal($"{Words.Counted(stack.Stored.Count(), "row")} stored, 0 unchanged, 0 corrected, 0 rejected; {stack.Stored.Count()} of 20 rows sent", Said()[^3]);
        Assert.Equal("stopped before the end: run the same command again, it goes on where this one stopped", Said()[^1]);
        stack.Serving.Clear();
        Assert.Equal(0, await ImportAsync(stack, lines));
        Assert.Equal(20, stack.Stored.Count());
    }

    [Fact]
    public async Task A_service_that_refuses_the_import_ends_it_with_its_words()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.Serving[Owner.Scoring] = (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "This call needs the role revops."));

        Assert.Equal(1, await ImportAsync(stack, Walk));

        Assert.StartsWith("l2r: Scoring refuses the import: This call needs the role revops. ", _temp.Errors.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" of 6 rows sent; what is in stays in.\n", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_that_is_not_there_is_1_and_says_what_starts_it()
    {
        var file = _temp.Write("file.csv", Lines.File(Walk));

        Assert.Equal(1, await _temp.RunAsync("import", file, "--map", "loans"));
        Assert.Equal("l2r: The stack is not up: ./l2r up starts it; --gateway names one that runs elsewhere.\n", _temp.Errors.ToString());

        Assert.Equal(1, await _temp.RunAsync("import", file, "--map", "loans", "--gateway", "http://127.0.0.1:1", "--token", "secret"));
        Assert.Contains("http://127.0.0.1:1/ does not answer", _temp.Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("./l2r up starts the stack of this checkout", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_needs_no_stack_and_says_what_would_be_refused()
    {
        var file = _temp.Write("file.csv", Lines.File([.. Walk, "2,LEAD"]));

        Assert.Equal(3, await _temp.RunAsync("import", file, "--map", "loans", "--dry-run"));
        Assert.Equal(
            [
                "l2r: reads FILE",
                "7 rows of 1 journey, 1 rejected; nothing was sent",
                "line 8: LINE_INVALID: the line has 2 fields where the header has 7",
                "correct these lines and import the file again; lines that are stored are left unchanged",
            ],
            Said());
    }

    [Theory]
    [InlineData("--batch 0")]
    [InlineData("--batch 501")]
    [InlineData("--batch many")]
    public async Task A_batch_has_1_to_500_rows(string option) =>
        Assert.Equal(2, await _temp.RunAsync(["import", "file.csv", "--map", "loans", .. option.Split(' ')]));

    Task<int> ImportAsync(FakeStack stack, string[] lines, params string[] options) => ImportAsync(stack, lines, Cancelled, options);

    Task<int> ImportAsync(FakeStack stack, string[] lines, CancellationToken interrupted, params string[] options) => _temp.RunAsync(
        interrupted, ["import", _temp.Write("file.csv", Lines.File(lines)), "--map", "loans", "--gateway", stack.Address, "--token", "secret", .. options]);

    /// <summary>What was printed, line by line, without what differs from run to run.</summary>
    string[] Said() =>
    [
        .. _temp.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Replace(Path.Combine(_temp.Checkout.Root, "file.csv"), "FILE", StringComparison.Ordinal))
            .Select(line => MeasuredPattern().Replace(line, "N s, N rows/s")),
    ];

    [GeneratedRegex(@"[\d,.]+ s, [\d,.]+ rows/s")]
    private static partial Regex MeasuredPattern();
}
