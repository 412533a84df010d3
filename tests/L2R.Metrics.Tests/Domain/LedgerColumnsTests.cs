using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Storage;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The columns, kept up row by row, are what the rows say at every instant.</summary>
public sealed class LedgerColumnsTests
{
    [Fact]
    public void Say_at_every_instant_what_was_known_then() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(RandomCase.Any, given =>
        {
            var columns = new LedgerColumns();
            foreach (var step in given.News().GroupBy(news => news.At, news => news.Lead).OrderBy(step => step.Key))
            {
                columns.Apply(given.FoldedAt(step, step.Key));
                columns = SnapshotFormat.Read([.. SnapshotFormat.Write(columns.Content)]); // as another process reads it
            }

            var query = given.Query;
            var (then, changed) = columns.Current.KnownAt(query.KnownAt);
            then = then.With(columns.Beside(given.FoldedAt([.. changed, .. columns.WithdrawnSince(query.KnownAt)], query.KnownAt)));

            Assert.Equal(changed.Distinct(), changed);
            Assert.Equal(Lines(given.Facts()), Lines(then.Facts(query.AsOf)));
            Assert.Equal(given.FactsAt(query.AsOf, query.KnownAt).Count, then.CountAt(query.AsOf));
            var naive = new Naive(given.Rows, query, given.Merges);
            foreach (var group in Waterfall.Answer(then, query, Workers.One, CancellationToken.None).Groups)
            {
                Assert.Equal(naive.Figures(group.Key), Figures.Of(group));
            }
        }));

    [Fact]
    public void Hold_each_lead_once_however_often_many_change()
    {
        const int leads = 5_000;
        var random = new Random(7);
        var columns = new LedgerColumns();
        var rows = new Dictionary<Guid, List<Transition>>();
        var ids = Enumerable.Range(0, leads).Select(number => new Guid(number, 1, 0, new byte[8])).ToArray();
        var clock = RandomCase.End;
        for (var step = 0; step < 300; step++)
        {
            clock = clock.AddMinutes(1);
            var changed = Enumerable.Range(0, 1 + random.Next(step % 50 == 0 ? 2_000 : 30)).Select(_ => ids[random.Next(leads)]).Distinct().ToList();
            foreach (var lead in changed)
            {
                rows.TryAdd(lead, []);
                rows[lead].Add(RandomRow(random, lead, rows[lead], clock));
            }
            columns.Apply(changed.Select(lead => FoldOne(rows[lead], clock)));
        }

        var expected = rows.Values.SelectMany(lead => FoldLead(lead, clock)).ToList();
        Assert.Equal(Lines(expected), Lines(columns.Current.Facts(DateTimeOffset.MaxValue)));
        Assert.InRange(columns.Current.Chunks.Count, 1, 20);
        Assert.InRange(columns.Current.Chunks.Sum(view => view.Chunk.Count), expected.Count, 2 * expected.Count);
    }

    [Fact]
    public void Say_the_same_to_one_worker_and_to_many()
    {
        var random = new Random(11);
        var columns = new LedgerColumns();
        List<FoldedLead> leads = [];
        for (var number = 0; number < 2_000; number++)
        {
            var id = new Guid(number, 1, 0, new byte[8]);
            List<Transition> rows = [];
            while (rows.Count < 1 + random.Next(6))
            {
                rows.Add(RandomRow(random, id, rows, RandomCase.End) with { Dimensions = new() { Channel = $"channel {number % 5}" } });
            }
            leads.Add(FoldOne(rows, RandomCase.End));
        }
        var journeys = columns.Current.With(leads.Chunk(100).SelectMany(some => columns.Beside(some)).ToList());
        var query = new WaterfallQuery
        {
            AsOf = RandomCase.End,
            KnownAt = RandomCase.End,
            GroupBy = [Dimension.Channel],
            Horizons = [TimeSpan.FromHours(20)],
            CurveTimes = [TimeSpan.FromHours(20)],
        };

        var workers = new Workers(3, (pieces, work) => Parallel.For(0, pieces, work));
        var many = Waterfall.Answer(journeys, query, workers, CancellationToken.None);

        Assert.Equal(5, many.Groups.Count);
        Assert.Equal(
            Waterfall.Answer(journeys, query, Workers.One, CancellationToken.None).Groups.Select(group => (group.Key, string.Join(' ', Figures.Of(group)))),
            many.Groups.Select(group => (group.Key, string.Join(' ', Figures.Of(group)))));
        Assert.Equal(
            journeys.Facts(query.AsOf).Select(journey => journey.JourneyId).Order(),
            journeys.Gather(query.AsOf, () => new Gathered(), workers, CancellationToken.None).Ids.Order());
        Assert.Throws<OperationCanceledException>(() => journeys.Gather(query.AsOf, () => new Gathered(), workers, new CancellationToken(canceled: true)));
    }

    sealed class Gathered : IGathering<Gathered>
    {
        public List<Guid> Ids { get; } = [];

        public void Add(JourneyFacts journey) => Ids.Add(journey.JourneyId);

        public void Add(Gathered other) => Ids.AddRange(other.Ids);
    }

    static Transition RandomRow(Random random, Guid lead, List<Transition> rows, DateTimeOffset clock)
    {
        var withdraws = rows.Count > 0 && random.Next(4) == 0;
        return new Transition
        {
            TransitionId = Guid.NewGuid(),
            LeadId = lead,
            JourneyId = new Guid(lead.GetHashCode(), 2, (short)random.Next(3), new byte[8]),
            To = withdraws ? null : (Ledger.Domain.Stage)random.Next(10),
            Supersedes = withdraws ? rows[random.Next(rows.Count)].TransitionId : null,
            OccurredAt = clock.AddHours(-random.Next(100)),
            RecordedAt = clock,
            SourceSeq = rows.Count,
        };
    }

    static FoldedLead FoldOne(List<Transition> rows, DateTimeOffset knownAt) =>
        new(rows[0].LeadId, FoldLead(rows, knownAt), rows.Min(row => row.RecordedAt), rows.Max(row => row.RecordedAt));

    static IReadOnlyList<JourneyFacts> FoldLead(List<Transition> rows, DateTimeOffset knownAt) =>
        Fold.Lead(rows, DateTimeOffset.MaxValue, knownAt);

    static IEnumerable<string> Lines(IEnumerable<JourneyFacts> journeys) =>
        journeys.Select(journey => $"{journey.JourneyId} {journey.Number} {journey.IsLatest} {journey.Mismatches.Count} {string.Join(' ', journey.Stays.Select(Line).Concat(journey.LossesBeside.Select(Line)))}").Order(StringComparer.Ordinal);

    static string Line(LossBeside loss) =>
        $"lost after {loss.StaysBefore} {loss.At:O} {loss.Amount}{loss.Currency} {loss.OpportunityId} {loss.Values.Team} {loss.Values.PolicyVersion}";

    // What a row says of dimensions of another kind is not kept: it counts nowhere.
    static string Line(Stay stay) =>
        $"{stay.Stage} {stay.Entered:O} {stay.Left:O} {stay.Amount}{stay.Currency} {stay.OpportunityId} {stay.Reason} {stay.IsLate} {stay.Stood} {stay.RecordedAt:O} {stay.Origin} {stay.Values.Team} {stay.Values.PolicyVersion}";
}
