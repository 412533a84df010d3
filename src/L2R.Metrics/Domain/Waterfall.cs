using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Domain;

/// <summary>Answers a query from journeys column by column.</summary>
public sealed class Waterfall
{
    readonly WaterfallQuery _query;
    readonly ValueTables _values = new();
    readonly ChunkBuilder _builder = new();
    readonly List<ChunkView> _views = [];

    /// <summary>To answer from journeys that are added one by one.</summary>
    /// <exception cref="ArgumentException">The query groups by more than two dimensions, or its time ends before it begins.</exception>
    public Waterfall(WaterfallQuery query)
    {
        Check(query);
        _query = query;
    }

    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        var counts = _query.Journeys switch
        {
            JourneySelection.First => journey.Number == 1,
            JourneySelection.Latest => journey.IsLatest,
            _ => true,
        };
        if (!counts)
        {
            return;
        }
        if (!_builder.HasRoomFor(1))
        {
            _views.Add(new(_builder.Build(), null));
        }
        _builder.AddLead([journey], 0, 0, _values);
    }

    /// <exception cref="TooManyGroupsException">There are more than the query allows.</exception>
    public WaterfallAnswer ToAnswer()
    {
        _views.Add(new(_builder.Build(), null));
        return Answer(new JourneyColumns(_views, _values), _query with { Journeys = JourneySelection.Any }, Workers.One, System.Threading.CancellationToken.None);
    }

    /// <param name="journeys">As known at the query's known_at.</param>
    /// <exception cref="ArgumentException">The query groups by more than two dimensions, or its time ends before it begins.</exception>
    /// <exception cref="TooManyGroupsException">There are more than the query allows.</exception>
    public static WaterfallAnswer Answer(
        JourneyColumns journeys, WaterfallQuery query, Workers workers, System.Threading.CancellationToken cancellationToken)
    {
        Check(query);
        return new WaterfallAnswering(journeys, query, workers).Run(cancellationToken);
    }

    /// <summary>What a reader should know before trusting an answer, of the journeys that it is about.</summary>
    /// <param name="journeys">As known at the scope's known_at.</param>
    /// <param name="groupBy">The dimensions that the answer groups by.</param>
    public static Quality Quality(
        JourneyColumns journeys, JourneyScope scope, IReadOnlyList<Dimension> groupBy, Workers workers, System.Threading.CancellationToken cancellationToken) =>
        Domain.Quality.Sum(new WaterfallAnswering(journeys, scope.ToWaterfall() with { GroupBy = groupBy }, workers)
            .Tally(cancellationToken).Values.Select(group => group.Quality));

    static void Check(WaterfallQuery query)
    {
        if (query.GroupBy.Count > 2)
        {
            throw new ArgumentException("A waterfall is grouped by at most two dimensions.", nameof(query));
        }
        if (query.From > query.To)
        {
            throw new ArgumentException("The time in question ends before it begins.", nameof(query));
        }
    }
}
