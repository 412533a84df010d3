using System.Globalization;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Storage;
using L2R.Metrics.Tests.Domain;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <summary>Merges and undos between the rows of a seeded ledger, through the database.</summary>
[Trait("needs", "postgres")]
public sealed class MergedLedgerTests : IAsyncLifetime
{
    const string Tenant = "merged";
    const int Cases = 40;

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(LedgerStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_copy_that_follows_one_that_starts_and_the_definitions_agree_at_every_instant(int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, Cases).SelectMany(number => SeededLedgerTests.CaseOf(random, number)).ToArray();
        random.Shuffle(rows);
        var leads = rows.Select(row => row.LeadId).Distinct().Append(Guid.NewGuid()).ToArray(); // one of which nothing else is known
        using var following = Ledgers.Open(_database.App, snapshotFromJourneys: 20);
        List<LeadMerge> merges = [];
        List<(DateTimeOffset KnownAt, string Answer, string Segments)> said = [];
        foreach (var batch in rows.Chunk(150))
        {
            await AppendAsync(transaction => LedgerStore.AppendAsync(transaction, Tenant, batch, Cancelled));
            List<LeadMerge> news = [.. Enumerable.Range(0, 5).Select(_ => MergeOf(random, leads)).Where(merge => merge.Loser != merge.Survivor)];
            news.AddRange(merges.Where(_ => random.Next(4) == 0).Select(merge => merge with { IsUndo = true }));
            merges.AddRange(news);
            await AppendAsync(transaction => LeadMerges.AppendAsync(transaction, Tenant, news, Cancelled));
            await SayVersionsAsync([.. Enumerable.Range(0, 9).Select(_ => leads[random.Next(leads.Length)]).Distinct()], version: said.Count + 2);
            var now = await following.GetNowAsync(Tenant, Cancelled);
            var journeys = await following.ReadAsync(Tenant, now, Cancelled);
            said.Add((now, Say(journeys, now), Say(journeys, now, Dimension.Segment)));
        }
        await Eventually.IsTrueAsync("a snapshot", async () => await _database.ScalarAsync<long>("SELECT count(*) FROM ledger_snapshots") > 0);

        var (storedRows, storedMerges) = await ReadAsync(following, said[^1].KnownAt);
        Assert.Equal(rows.Length, storedRows.Count);
        foreach (var (index, (knownAt, answer, segments)) in said.Index())
        {
            using var starting = Ledgers.Open(_database.App);
            foreach (var store in new[] { following, starting })
            {
                var journeys = await store.ReadAsync(Tenant, knownAt, Cancelled);
                Assert.Equal((answer, segments), (Say(journeys, knownAt), Say(journeys, knownAt, Dimension.Segment)));
            }
            if (index % 3 == 1)
            {
                Assert.Equal(Naive(storedRows, storedMerges, knownAt), answer.Split('\n').Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_family_of_which_many_are_asked_for_is_read_once()
    {
        Guid[] leads = [.. Enumerable.Range(0, 6_000).Select(_ => Guid.NewGuid())];
        await AppendAsync(transaction => LedgerStore.AppendAsync(transaction, Tenant, [.. leads.Select(Row)], Cancelled));
        await AppendAsync(transaction => LeadMerges.AppendAsync(
            transaction, Tenant, [new(Guid.NewGuid(), leads[0], leads[^1], IsUndo: false, default)], Cancelled));
        using var store = Ledgers.Open(_database.App);

        Dictionary<Guid, int> read = [];
        await foreach (var lead in store.ReadLeadsAsync(Tenant, leads, await store.GetNowAsync(Tenant, Cancelled), Cancelled))
        {
            read.Add(lead.LeadId, lead.Rows.Count);
        }

        Assert.Equal((6_000, 0, 2, 1), (read.Count, read[leads[0]], read[leads[^1]], read[leads[1]]));

        static Transition Row(Guid lead) => new()
        {
            TransitionId = Guid.NewGuid(),
            LeadId = lead,
            JourneyId = lead,
            To = Ledger.Domain.Stage.Lead,
            OccurredAt = RandomCase.End,
            RecordedAt = default,
            SourceSeq = 1,
        };
    }

    [Fact]
    public async Task Nothing_is_updated_or_deleted()
    {
        await AppendAsync(transaction => LeadMerges.AppendAsync(
            transaction, Tenant, [new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), IsUndo: false, default)], Cancelled));

        foreach (var sql in new[] { "UPDATE lead_merges SET is_undo = true", "DELETE FROM lead_merges", "TRUNCATE lead_merges" })
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => AppendAsync(transaction =>
                new NpgsqlCommand(sql, transaction.Connection, transaction).ExecuteNonQueryAsync(Cancelled)));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }
    }

    static LeadMerge MergeOf(Random random, Guid[] leads) =>
        new(Guid.NewGuid(), leads[random.Next(leads.Length)], leads[random.Next(leads.Length)], IsUndo: false, default);

    static WaterfallQuery Query(DateTimeOffset knownAt, JourneySelection journeys, Dimension? dimension = null) => new()
    {
        AsOf = RandomCase.End.AddDays(-10),
        KnownAt = knownAt,
        GroupBy = [dimension ?? Dimension.Team],
        Journeys = journeys,
        Horizons = [TimeSpan.FromDays(5)],
    };

    static string Say(JourneyColumns columns, DateTimeOffset knownAt, Dimension? dimension = null) => string.Join('\n', Enum.GetValues<JourneySelection>()
        .SelectMany(journeys => Waterfall.Answer(columns, Query(knownAt, journeys, dimension), Workers.One, Cancelled).Groups
            .SelectMany(group => Lines(journeys, group.Key, Figures.Of(group)))));

    static IEnumerable<string> Naive(IReadOnlyList<Transition> rows, IReadOnlyList<LeadMerge> merges, DateTimeOffset knownAt) =>
        Enum.GetValues<JourneySelection>().SelectMany(journeys =>
        {
            var naive = new Naive(rows, Query(knownAt, journeys), merges);
            return naive.Values().SelectMany(value => new GroupKey(null, value.First, null) is var key ? Lines(journeys, key, naive.Figures(key)) : []);
        }).Order(StringComparer.Ordinal);

    // A mean is a whole number of ticks: so compare tenths of a millisecond.
    static IEnumerable<string> Lines(JourneySelection journeys, GroupKey key, IDictionary<string, string> figures) => figures.Select(figure =>
        $"{journeys} {key.First} {figure.Key}: {decimal.Round(decimal.Parse(figure.Value, CultureInfo.InvariantCulture), 4):0.####}");

    async Task<(IReadOnlyList<Transition> Rows, IReadOnlyList<LeadMerge> Merges)> ReadAsync(LedgerStore store, DateTimeOffset knownAt)
    {
        List<Transition> rows = [];
        await foreach (var lead in store.ReadLeadsAsync(Tenant, leads: null, knownAt, Cancelled))
        {
            rows.AddRange(lead.Rows);
        }
        List<LeadMerge> merges = [];
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await using var command = new NpgsqlCommand("SELECT merge_id, loser_id, survivor_id, is_undo, recorded_at FROM lead_merges", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        while (await reader.ReadAsync(Cancelled))
        {
            merges.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetBoolean(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return (rows, merges);
    }

    Task SayVersionsAsync(Guid[] leads, long version) => AppendAsync(transaction => LeadVersions.AppendAsync(
        transaction, Tenant, [.. leads.Select(lead => new LeadVersion(lead, version, $"segment {version}", null))], Cancelled));

    async Task AppendAsync(Func<NpgsqlTransaction, Task> append)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await append(transaction);
        await transaction.CommitAsync(Cancelled);
    }
}
