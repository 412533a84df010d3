using System.Globalization;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Storage;
using L2R.Metrics.Tests.Domain;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <summary>A seeded ledger with everything that makes one hard, through the database, against the naive reference.</summary>
[Trait("needs", "postgres")]
public sealed class SeededLedgerTests : IAsyncLifetime
{
    const int Cases = 100;
    const int RowsOfCase = 30;

    static readonly DateTimeOffset Recorded = RandomCase.End.AddDays(30); // before the test runs, after every as_of

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(LedgerStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Comes_out_as_the_definitions_say(int seed)
    {
        var random = new Random(seed);
        List<Transition> rows = [.. Enumerable.Range(0, Cases).SelectMany(number => CaseOf(random, number))];
        var inAnyOrder = rows.ToArray();
        random.Shuffle(inAnyOrder);
        foreach (var batch in inAnyOrder.Chunk(500))
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync($"seed-{seed}", Cancelled);
            await LedgerStore.AppendAsync(transaction, $"seed-{seed}", batch, Cancelled);
            await transaction.CommitAsync(Cancelled);
        }

        var store = Ledgers.Open(_database.App);
        var query = new WaterfallQuery
        {
            AsOf = RandomCase.End,
            KnownAt = await store.GetNowAsync($"seed-{seed}", Cancelled),
            GroupBy = [Dimension.Channel, Dimension.Team],
            Horizons = [TimeSpan.FromHours(12), TimeSpan.FromDays(5)],
            CurveTimes = [TimeSpan.FromDays(15)],
        };
        var waterfall = new Waterfall(query);
        await store.FoldAsync($"seed-{seed}", query.AsOf, query.KnownAt, waterfall.Add, Cancelled);

        var naive = new Naive(rows, query, []);
        var groups = waterfall.ToAnswer().Groups;
        Assert.Equal(9, groups.Count);
        Assert.All(groups, group =>
        {
            var (expected, actual) = (Lines(naive.Figures(group.Key)).ToList(), Lines(Figures.Of(group)).ToList());
            Assert.Equal(expected.Except(actual), actual.Except(expected));
            Assert.True(actual.Count > 40, "A group of a hundred ledgers has figures.");
        });
    }

    [Fact]
    public async Task A_copy_that_follows_says_what_a_new_one_reads_and_what_it_said_before()
    {
        const string tenant = "seed-copy";
        var random = new Random(11);
        var rows = Enumerable.Range(0, Cases).SelectMany(number => CaseOf(random, number)).ToArray();
        random.Shuffle(rows);
        var following = Ledgers.Open(_database.App);
        List<(DateTimeOffset KnownAt, string Answer)> said = [];
        foreach (var batch in rows.Chunk(300))
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync(tenant, Cancelled);
            await LedgerStore.AppendAsync(transaction, tenant, batch, Cancelled);
            // What Intake says of leads changes too: two of those that the ledger knows, by a newer version each time.
            await LeadVersions.AppendAsync(
                transaction,
                tenant,
                [.. batch.Take(2).Select(row => new LeadVersion(row.LeadId, said.Count + 2, $"segment {said.Count % 3}", null))],
                Cancelled);
            await transaction.CommitAsync(Cancelled);
            var now = await following.GetNowAsync(tenant, Cancelled);
            said.Add((now, await SayAsync(following, now)));
        }

        Assert.Equal(said.Select(answer => answer.Answer).Distinct(), said.Select(answer => answer.Answer));
        foreach (var (knownAt, answer) in said)
        {
            Assert.Equal(answer, await SayAsync(following, knownAt));
            Assert.Equal(answer, await SayAsync(following, knownAt)); // what is kept of an earlier instant
            using var reading = Ledgers.Open(_database.App);
            Assert.Equal(answer, await SayAsync(reading, knownAt));
        }

        async Task<string> SayAsync(LedgerStore store, DateTimeOffset knownAt)
        {
            var query = new WaterfallQuery { AsOf = RandomCase.End, KnownAt = knownAt, GroupBy = [Dimension.Segment, Dimension.Team] };
            var answer = Waterfall.Answer(await store.ReadAsync(tenant, knownAt, Cancelled), query, Workers.One, Cancelled);
            return string.Join('\n', answer.Groups.SelectMany(group => Lines(Figures.Of(group)).Prepend($"{group.Key}")));
        }
    }

    // Only what differs is worth reading when it fails; a mean is a whole number of ticks, so compare tenths of a millisecond.
    static IEnumerable<string> Lines(IDictionary<string, string> figures) =>
        figures.Select(figure => $"{figure.Key}: {decimal.Round(decimal.Parse(figure.Value, CultureInfo.InvariantCulture), 4):0.####}");

    public static IEnumerable<Transition> CaseOf(Random random, int number)
    {
        int[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(10_000))];

        var drawn = new RandomCase(Numbers(16), [.. Enumerable.Range(0, RowsOfCase).Select(id => Numbers(18).Append(id).ToArray())], []);
        return drawn.Rows.Select(row => row with
        {
            TransitionId = Own(row.TransitionId),
            LeadId = Own(row.LeadId),
            JourneyId = Own(row.JourneyId),
            OpportunityId = row.OpportunityId is { } opportunity ? Own(opportunity) : null,
            Supersedes = row.Supersedes is { } superseded ? Own(superseded) : null,
            RecordedAt = Recorded,
        });

        // Cases draw from the same few ids.
        Guid Own(Guid id)
        {
            var bytes = id.ToByteArray();
            bytes[15] = (byte)number;
            return new Guid(bytes);
        }
    }
}
