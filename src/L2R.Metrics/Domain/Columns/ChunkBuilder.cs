using System.Runtime.InteropServices;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Fills a chunk journey by journey.</summary>
sealed class ChunkBuilder
{
    readonly List<Guid> _leads = [];
    readonly List<Guid> _journeys = [];
    readonly List<int> _numbers = [];
    readonly List<byte> _marks = [];
    readonly List<int> _origins = [];
    readonly List<int> _currents = [];
    readonly List<int> _firstStays = [];
    readonly List<long> _firstKnown = [];
    readonly List<long> _lastKnown = [];
    readonly List<long> _entered = [];
    readonly List<long> _recorded = [];
    readonly List<byte> _stages = [];
    readonly List<byte> _rowOrigins = [];
    readonly List<int> _values = [];
    readonly List<int> _detailed = [];
    readonly List<StayDetail> _details = [];
    readonly List<int> _exits = [];
    readonly List<string> _reasons = [];
    readonly List<int> _mismatched = [];
    readonly List<ChunkMismatch> _mismatches = [];
    readonly List<int> _losing = [];
    readonly List<ChunkLoss> _losses = [];
    readonly List<StayDetail> _lossDetails = [];

    public int Count => _leads.Count;

    /// <summary>Whether the journeys of one more lead still fit. A lead is never cut in two.</summary>
    public bool HasRoomFor(int journeys) => Count == 0 || Count + journeys <= JourneyChunk.Capacity;

    /// <param name="lead">Every journey of one lead, in the order of their numbers.</param>
    /// <param name="firstKnown">When the ledger first learnt of the lead, ticks.</param>
    /// <param name="lastKnown">When it last did.</param>
    public void AddLead(IReadOnlyList<JourneyFacts> lead, long firstKnown, long lastKnown, ValueTables values)
    {
        for (var index = 0; index < lead.Count; index++)
        {
            Add(lead[index], hasNext: index < lead.Count - 1, firstKnown, lastKnown, values);
        }
    }

    /// <summary>Copies journeys of another chunk.</summary>
    public void Copy(JourneyChunk from, int journey)
    {
        var (first, end) = (from.FirstStays[journey], from.FirstStays[journey + 1]);
        var (detail, shift) = (from.Details.From(first), _entered.Count - first);
        for (; detail < from.Details.Of.Length && from.Details.Of[detail] < end; detail++)
        {
            _detailed.Add(from.Details.Of[detail] + shift);
            _details.Add(from.Details.Items[detail]);
        }
        for (var reason = from.Reasons.From(first); reason < from.Reasons.Of.Length && from.Reasons.Of[reason] < end; reason++)
        {
            _exits.Add(from.Reasons.Of[reason] + shift);
            _reasons.Add(from.Reasons.Items[reason]);
        }
        for (var index = from.Mismatches.From(journey); index < from.Mismatches.Of.Length && from.Mismatches.Of[index] == journey; index++)
        {
            _mismatched.Add(Count);
            _mismatches.Add(from.Mismatches.Items[index]);
        }
        for (var index = from.Losses.From(journey); index < from.Losses.Of.Length && from.Losses.Of[index] == journey; index++)
        {
            _losing.Add(Count);
            _losses.Add(from.Losses.Items[index]);
            _lossDetails.Add(from.LossDetails[index]);
        }
        _firstStays.Add(_entered.Count);
        _entered.AddRange(from.Entered.AsSpan(first, end - first));
        _recorded.AddRange(from.Recorded.AsSpan(first, end - first));
        _stages.AddRange(from.Stages.AsSpan(first, end - first));
        _rowOrigins.AddRange(from.RowOrigins.AsSpan(first, end - first));
        _values.AddRange(from.Values.AsSpan(first, end - first));
        _leads.Add(from.Leads[journey]);
        _journeys.Add(from.Journeys[journey]);
        _numbers.Add(from.Numbers[journey]);
        _marks.Add(from.Marks[journey]);
        _origins.Add(from.Origins[journey]);
        _currents.Add(from.Currents[journey]);
        _firstKnown.Add(from.FirstKnown[journey]);
        _lastKnown.Add(from.LastKnown[journey]);
    }

    /// <summary>The chunk. The builder is empty again.</summary>
    public JourneyChunk Build()
    {
        var chunk = new JourneyChunk
        {
            Count = Count,
            Leads = [.. _leads],
            Journeys = [.. _journeys],
            Numbers = [.. _numbers],
            Marks = [.. _marks],
            Origins = [.. _origins],
            Currents = [.. _currents],
            FirstStays = [.. _firstStays, _entered.Count],
            FirstKnown = [.. _firstKnown],
            LastKnown = [.. _lastKnown],
            Entered = [.. _entered],
            Recorded = [.. _recorded],
            Stages = [.. _stages],
            RowOrigins = [.. _rowOrigins],
            Values = [.. _values],
            RunEnds = FindRunEnds(),
            Details = new([.. _detailed], [.. _details]),
            Reasons = new([.. _exits], [.. _reasons]),
            Mismatches = new([.. _mismatched], [.. _mismatches]),
            Losses = new([.. _losing], [.. _losses]),
            LossDetails = [.. _lossDetails],
            MinEntered = _entered.DefaultIfEmpty(long.MaxValue).Min(),
            MaxEntered = _entered.Concat(_mismatches.Select(mismatch => mismatch.At)).DefaultIfEmpty(long.MinValue).Max(),
            MaxRecorded = _recorded.DefaultIfEmpty(long.MinValue).Max(),
            MinKnown = _firstKnown.DefaultIfEmpty(long.MaxValue).Min(),
            MaxKnown = _lastKnown.DefaultIfEmpty(long.MinValue).Max(),
        };
        foreach (var column in new System.Collections.IList[]
        {
            _leads, _journeys, _numbers, _marks, _origins, _currents, _firstStays, _firstKnown, _lastKnown,
            _entered, _recorded, _stages, _rowOrigins, _values, _detailed, _details, _exits, _reasons, _mismatched, _mismatches,
            _losing, _losses, _lossDetails,
        })
        {
            column.Clear();
        }
        return chunk;
    }

    int[] FindRunEnds()
    {
        List<int> ends = [];
        for (var journey = 1; journey <= Count; journey++)
        {
            if (journey == Count || !StagesOf(journey).SequenceEqual(StagesOf(journey - 1)))
            {
                ends.Add(journey);
            }
        }
        return [.. ends];
    }

    ReadOnlySpan<byte> StagesOf(int journey) =>
        CollectionsMarshal.AsSpan(_stages)[_firstStays[journey]..(journey + 1 < Count ? _firstStays[journey + 1] : _stages.Count)];

    void Add(JourneyFacts journey, bool hasNext, long firstKnown, long lastKnown, ValueTables values)
    {
        foreach (var mismatch in journey.Mismatches)
        {
            _mismatched.Add(Count);
            _mismatches.Add(new(mismatch.At.UtcTicks, values.AtEntry.NumberOf(mismatch.Values)));
        }
        foreach (var loss in journey.LossesBeside)
        {
            _losing.Add(Count);
            _losses.Add(new(loss.StaysBefore, loss.At.UtcTicks, values.AtEntry.NumberOf(loss.Values)));
            _lossDetails.Add(new(loss.OpportunityId, loss.Amount, values.Text(loss.Currency)));
        }
        _firstStays.Add(_entered.Count);
        foreach (var stay in journey.Stays)
        {
            if (stay.OpportunityId is not null || stay.Amount is not null)
            {
                _detailed.Add(_entered.Count);
                _details.Add(new(stay.OpportunityId, stay.Amount, values.Text(stay.Currency)));
            }
            if (values.Text(stay.Reason) is { } reason)
            {
                _exits.Add(_entered.Count);
                _reasons.Add(reason);
            }
            _entered.Add(stay.Entered.UtcTicks);
            _recorded.Add(stay.RecordedAt.UtcTicks);
            _stages.Add(JourneyChunk.Pack(stay.Stage, stay.Stood));
            _rowOrigins.Add((byte)stay.Origin);
            _values.Add(values.AtEntry.NumberOf(stay.Values));
        }
        _leads.Add(journey.LeadId);
        _journeys.Add(journey.JourneyId);
        _numbers.Add(journey.Number);
        _marks.Add((byte)((hasNext ? JourneyChunk.HasNext : 0)
            | (journey.IsAnyOutOfOrder ? JourneyChunk.OutOfOrder : 0)
            | (journey.HasOtherRows ? JourneyChunk.HasOtherRows : 0)));
        _origins.Add(values.Origin.NumberOf(journey.Origin));
        _currents.Add(values.Current.NumberOf(journey.Current));
        _firstKnown.Add(firstKnown);
        _lastKnown.Add(lastKnown);
    }
}
