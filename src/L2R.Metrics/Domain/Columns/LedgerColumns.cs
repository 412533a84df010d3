namespace L2R.Metrics.Domain.Columns;

/// <summary>One lead as the ledger has it now.</summary>
/// <param name="Journeys">In the order of their numbers, folded as of the end of time. None where every row was withdrawn.</param>
/// <param name="FirstKnown">When the ledger first learnt of the lead.</param>
/// <param name="LastKnown">When it last did.</param>
public sealed record FoldedLead(Guid LeadId, IReadOnlyList<JourneyFacts> Journeys, DateTimeOffset FirstKnown, DateTimeOffset LastKnown);

/// <summary>What <see cref="LedgerColumns"/> hold.</summary>
/// <param name="WithoutJourneys">Leads of which every row was withdrawn, and when, in ticks, the ledger first and last learnt of each.</param>
sealed record ColumnsContent(IReadOnlyList<ChunkView> Chunks, ValueTables Values, IReadOnlyList<(Guid Lead, long First, long Last)> WithoutJourneys);

/// <summary>A tenant's journeys in columns, kept up lead by lead. For one writer at a time; what it gives out may be read by many.</summary>
/// <remarks>
/// Within a chunk journeys of one shape stand together: what a scan decides for one it decides for the next, which made it three times as fast.
/// A lead that changes is written anew at the end and its old place marked as gone. Small chunks are put together until they are large, and
/// chunks of which half is gone are written anew, so that a journey is copied about as often as the logarithm of their number.
/// </remarks>
public sealed class LedgerColumns
{
    const int LargeChunk = JourneyChunk.Capacity / 2;

    readonly ValueTables _values;
    readonly List<ChunkView?> _chunks = []; // at its place as long as it lives
    readonly Stack<int> _freePlaces = [];
    readonly LeadIndex _leads;
    readonly Dictionary<Guid, (long First, long Last)> _withoutJourneys = [];

    public LedgerColumns()
        : this(new([], new(), []))
    {
    }

    /// <summary>Goes on from what others held.</summary>
    internal LedgerColumns(ColumnsContent content)
    {
        _values = content.Values;
        _leads = new(place => _chunks[place / JourneyChunk.Capacity]!.Value.Chunk.Leads[place % JourneyChunk.Capacity]);
        foreach (var view in content.Chunks)
        {
            Place(view);
        }
        foreach (var (lead, first, last) in content.WithoutJourneys)
        {
            _withoutJourneys.Add(lead, (first, last));
        }
        Current = new(content.Chunks, _values);
    }

    /// <summary>As of the last <see cref="Apply"/>.</summary>
    public JourneyColumns Current { get; private set; }

    /// <summary>All that there is as of the last <see cref="Apply"/>. What comes later does not change it.</summary>
    internal ColumnsContent Content => new(Current.Chunks, _values, [.. _withoutJourneys.Select(lead => (lead.Key, lead.Value.First, lead.Value.Last))]);

    /// <summary>Leads that have no journey now and had one, perhaps, at an earlier instant: their rows are withdrawn.</summary>
    public IEnumerable<Guid> WithdrawnSince(DateTimeOffset knownAt) => _withoutJourneys
        .Where(lead => lead.Value.First <= knownAt.UtcTicks && lead.Value.Last > knownAt.UtcTicks)
        .Select(lead => lead.Key);

    /// <summary>Puts leads in the place of what was known of them.</summary>
    /// <param name="leads">Each once.</param>
    public void Apply(IEnumerable<FoldedLead> leads)
    {
        var gone = new Dictionary<int, List<int>>();
        var builder = new ChunkBuilder();
        foreach (var lead in leads.OrderBy(lead => JourneyShape.Of(lead.Journeys)))
        {
            Forget(lead.LeadId, gone);
            if (lead.Journeys.Count == 0)
            {
                _withoutJourneys[lead.LeadId] = (lead.FirstKnown.UtcTicks, lead.LastKnown.UtcTicks);
                continue;
            }
            if (!builder.HasRoomFor(lead.Journeys.Count))
            {
                Place(builder.Build());
            }
            builder.AddLead(lead.Journeys, lead.FirstKnown.UtcTicks, lead.LastKnown.UtcTicks, _values);
        }
        foreach (var (place, journeys) in gone)
        {
            _chunks[place] = _chunks[place]!.Value.Without(journeys);
        }
        if (builder.Count > 0)
        {
            Place(builder.Build());
        }
        Tidy(gone.Keys);
        Current = new([.. _chunks.OfType<ChunkView>()], _values);
    }

    /// <summary>Folds leads at an earlier instant into chunks of their own, beside what is kept.</summary>
    internal IEnumerable<JourneyChunk> Beside(IEnumerable<FoldedLead> leads)
    {
        var builder = new ChunkBuilder();
        foreach (var lead in leads)
        {
            if (!builder.HasRoomFor(lead.Journeys.Count))
            {
                yield return builder.Build();
            }
            builder.AddLead(lead.Journeys, lead.FirstKnown.UtcTicks, lead.LastKnown.UtcTicks, _values);
        }
        yield return builder.Build();
    }

    void Forget(Guid lead, Dictionary<int, List<int>> gone)
    {
        _withoutJourneys.Remove(lead);
        if (_leads.Find(lead) is not { } place)
        {
            return;
        }
        _leads.Remove(lead);
        var (at, journey) = (place / JourneyChunk.Capacity, place % JourneyChunk.Capacity);
        if (!gone.TryGetValue(at, out var journeys))
        {
            gone.Add(at, journeys = []);
        }
        var marks = _chunks[at]!.Value.Chunk.Marks;
        journeys.Add(journey);
        while ((marks[journey] & JourneyChunk.HasNext) != 0)
        {
            journeys.Add(++journey);
        }
    }

    void Place(JourneyChunk chunk) => Place(new ChunkView(chunk, null));

    void Place(ChunkView view)
    {
        var chunk = view.Chunk;
        if (!_freePlaces.TryPop(out var place))
        {
            place = _chunks.Count;
            _chunks.Add(null);
        }
        _chunks[place] = view;
        for (var journey = 0; journey < chunk.Count; journey++)
        {
            if (IsFirstOfLead(chunk, journey) && !view.IsGone(journey))
            {
                _leads.Add(chunk.Leads[journey], (place * JourneyChunk.Capacity) + journey);
            }
        }
    }

    void Tidy(IEnumerable<int> touched)
    {
        foreach (var place in touched)
        {
            if (_chunks[place] is { } view && 2 * view.Count < view.Chunk.Count)
            {
                Rewrite([place]);
            }
        }
        while (TwoOfASize() is { } two)
        {
            Rewrite(two);
        }
    }

    /// <summary>Two small chunks of which the smaller is at least half as large as the larger. Null: there are none.</summary>
    int[]? TwoOfASize()
    {
        var small = _chunks.Index().Where(chunk => chunk.Item?.Chunk.Count < LargeChunk)
            .OrderBy(chunk => chunk.Item!.Value.Chunk.Count).Select(chunk => chunk.Index).ToList();
        for (var index = 1; index < small.Count; index++)
        {
            if (2 * _chunks[small[index - 1]]!.Value.Chunk.Count >= _chunks[small[index]]!.Value.Chunk.Count)
            {
                return [small[index - 1], small[index]];
            }
        }
        return null;
    }

    /// <summary>Copies what is left of chunks into one.</summary>
    void Rewrite(int[] places)
    {
        List<(ulong Shape, JourneyChunk Chunk, int Journey)> leads = [];
        foreach (var place in places)
        {
            var view = _chunks[place]!.Value;
            for (var journey = 0; journey < view.Chunk.Count; journey++)
            {
                if (!view.IsGone(journey) && IsFirstOfLead(view.Chunk, journey))
                {
                    _leads.Remove(view.Chunk.Leads[journey]);
                    leads.Add((JourneyShape.Of(view.Chunk, journey), view.Chunk, journey));
                }
            }
        }
        leads.Sort((left, right) => left.Shape.CompareTo(right.Shape));
        var builder = new ChunkBuilder();
        foreach (var (_, chunk, first) in leads)
        {
            var journey = first;
            builder.Copy(chunk, journey);
            while ((chunk.Marks[journey] & JourneyChunk.HasNext) != 0)
            {
                builder.Copy(chunk, ++journey);
            }
        }
        foreach (var place in places)
        {
            _chunks[place] = null;
            _freePlaces.Push(place);
        }
        if (builder.Count > 0)
        {
            Place(builder.Build());
        }
    }

    static bool IsFirstOfLead(JourneyChunk chunk, int journey) => journey == 0 || (chunk.Marks[journey - 1] & JourneyChunk.HasNext) == 0;
}
