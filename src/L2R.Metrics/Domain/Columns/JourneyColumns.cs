using System.Numerics;

namespace L2R.Metrics.Domain.Columns;

/// <param name="Gone">A bit for each journey that is no longer there: it was folded anew, elsewhere. Null: none.</param>
readonly record struct ChunkView(JourneyChunk Chunk, ulong[]? Gone)
{
    public bool IsGone(int journey) => Gone is not null && (Gone[journey >> 6] & (1UL << journey)) != 0;

    public int Count => Chunk.Count - (Gone is null ? 0 : Gone.Sum(BitOperations.PopCount));

    /// <summary>This view without some journeys more.</summary>
    public ChunkView Without(IEnumerable<int> journeys)
    {
        var gone = Gone is null ? new ulong[(Chunk.Count + 63) / 64] : (ulong[])Gone.Clone();
        foreach (var journey in journeys)
        {
            gone[journey >> 6] |= 1UL << journey;
        }
        return this with { Gone = gone };
    }
}

/// <summary>Every journey of a tenant as the ledger knew it at one instant. Never changes: many questions read it at once.</summary>
public sealed class JourneyColumns
{
    readonly IReadOnlyList<ChunkView> _outOfScope; // the journeys that are not in these columns are gone from there

    internal JourneyColumns(IReadOnlyList<ChunkView> chunks, ValueTables values, IReadOnlyList<ChunkView>? outOfScope = null)
    {
        (Chunks, Values, _outOfScope) = (chunks, values, outOfScope ?? []);
    }

    internal IReadOnlyList<ChunkView> Chunks { get; }

    internal ValueTables Values { get; }

    /// <summary>Journeys with a row in force, at whatever instant it happened.</summary>
    public long Count => Chunks.Sum(view => (long)view.Count);

    /// <summary>How many of them had begun by an instant.</summary>
    public long CountAt(DateTimeOffset asOf) => CountAt(Chunks, asOf);

    /// <summary>How many of those that <see cref="InScope"/> left out had begun by an instant.</summary>
    public long OutOfScopeAt(DateTimeOffset asOf) => CountAt(_outOfScope, asOf);

    /// <summary>These without the journeys that a tenant's rules leave out.</summary>
    /// <remarks>A journey keeps its number among those of its lead, and whether it is the latest one.</remarks>
    public JourneyColumns InScope(ScopeRules rules)
    {
        if (rules.All.Count == 0)
        {
            return this;
        }
        var index = new ScopeIndex(rules, Values);
        List<ChunkView> kept = [];
        List<ChunkView> left = [];
        foreach (var view in Chunks)
        {
            if (index.OutOf(view.Chunk) is not { } found)
            {
                kept.Add(view);
                continue;
            }
            kept.Add(view with { Gone = view.Gone is null ? found : [.. view.Gone.Zip(found, (gone, bits) => gone | bits)] });
            left.Add(view with { Gone = [.. found.Select((bits, word) => Mask(view.Chunk.Count, word) & (~bits | (view.Gone?[word] ?? 0)))] });
        }
        return new(kept, Values, left);
    }

    /// <summary>The bits of a word that journeys have: the last word may have more.</summary>
    static ulong Mask(int count, int word) => count - (64 * word) >= 64 ? ulong.MaxValue : (1UL << (count - (64 * word))) - 1;

    static long CountAt(IReadOnlyList<ChunkView> chunks, DateTimeOffset asOf)
    {
        var count = 0L;
        foreach (var view in chunks)
        {
            if (view.Chunk.MaxEntered <= asOf.UtcTicks)
            {
                count += view.Count;
                continue;
            }
            for (var journey = 0; journey < view.Chunk.Count; journey++)
            {
                count += !view.IsGone(journey) && view.Chunk.Entered[view.Chunk.FirstStays[journey]] <= asOf.UtcTicks ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>The leads of which <see cref="InScope"/> left out every journey.</summary>
    public HashSet<Guid> LeadsOutOfScope()
    {
        HashSet<Guid> leads = [];
        foreach (var view in _outOfScope)
        {
            foreach (var (first, end) in view.Chunk.LeadRuns())
            {
                if (Enumerable.Range(first, end - first).All(journey => !view.IsGone(journey)))
                {
                    leads.Add(view.Chunk.Leads[first]);
                }
            }
        }
        return leads;
    }

    /// <summary>Each journey that had begun by an instant, in no order but that of a lead's. Good until the next one is asked for.</summary>
    public IEnumerable<JourneyFacts> Facts(DateTimeOffset asOf)
    {
        var room = new FactsRoom();
        return Chunks.SelectMany(view => Facts(view, asOf, room));
    }

    /// <summary>Gathers from each journey that had begun by an instant, in parts beside each other.</summary>
    /// <param name="create">Makes an empty part.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public T Gather<T>(DateTimeOffset asOf, Func<T> create, Workers workers, System.Threading.CancellationToken cancellationToken)
        where T : IGathering<T>
    {
        var parts = Enumerable.Range(0, Math.Clamp(Chunks.Count, 1, workers.Count)).Select(_ => create()).ToArray();
        var next = -1;
        workers.Run(parts.Length, worker =>
        {
            var room = new FactsRoom();
            while (System.Threading.Interlocked.Increment(ref next) is var chunk && chunk < Chunks.Count && !cancellationToken.IsCancellationRequested)
            {
                foreach (var facts in Facts(Chunks[chunk], asOf, room))
                {
                    parts[worker].Add(facts);
                }
            }
        });
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var part in parts.Skip(1))
        {
            parts[0].Add(part);
        }
        return parts[0];
    }

    IEnumerable<JourneyFacts> Facts(ChunkView view, DateTimeOffset asOf, FactsRoom room)
    {
        for (var journey = 0; journey < view.Chunk.Count; journey++)
        {
            if (!view.IsGone(journey) && view.Chunk.Facts(journey, asOf.UtcTicks, Values, room) is { } facts)
            {
                yield return facts;
            }
        }
    }

    /// <summary>What of these columns was so at an earlier instant already, and of which leads that can't be said.</summary>
    /// <param name="knownAt">K.</param>
    /// <returns>The columns without the leads that were not known then and without those that changed since; the latter must be folded at K.</returns>
    public (JourneyColumns Columns, IReadOnlyList<Guid> Changed) KnownAt(DateTimeOffset knownAt)
    {
        var known = knownAt.UtcTicks;
        List<ChunkView> views = [];
        List<Guid> changed = [];
        foreach (var view in Chunks)
        {
            var chunk = view.Chunk;
            if (chunk.MaxKnown <= known)
            {
                views.Add(view);
            }
            else if (chunk.MinKnown <= known)
            {
                List<int> left = [];
                for (var journey = 0; journey < chunk.Count; journey++)
                {
                    if (chunk.LastKnown[journey] <= known || view.IsGone(journey))
                    {
                        continue;
                    }
                    left.Add(journey);
                    if (chunk.FirstKnown[journey] <= known && (changed.Count == 0 || changed[^1] != chunk.Leads[journey]))
                    {
                        changed.Add(chunk.Leads[journey]);
                    }
                }
                views.Add(view.Without(left));
            }
        }
        return (new(views, Values), changed);
    }

    /// <summary>These and others, of other leads.</summary>
    /// <param name="more">Made with the same values.</param>
    internal JourneyColumns With(IEnumerable<JourneyChunk> more) => new([.. Chunks, .. more.Select(chunk => new ChunkView(chunk, null))], Values);
}
