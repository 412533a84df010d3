using System.Runtime.InteropServices;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Where the journeys of each lead are. Four bytes an entry at 37 to 75% full: the ids themselves stand in the chunks.</summary>
/// <param name="leadAt">The lead whose journeys begin at a place.</param>
sealed class LeadIndex(Func<int, Guid> leadAt)
{
    const int Free = -1;
    const int Taken = -2; // was somebody's, and is passed over in a search

    int[] _places = NewTable(64);
    int _used; // taken ones included

    /// <returns>Null where the lead has no journey.</returns>
    public int? Find(Guid lead)
    {
        for (var slot = SlotOf(lead); _places[slot] != Free; slot = Next(slot))
        {
            if (_places[slot] != Taken && leadAt(_places[slot]) == lead)
            {
                return _places[slot];
            }
        }
        return null;
    }

    /// <summary>Says where a lead is, that is not there yet.</summary>
    public void Add(Guid lead, int place)
    {
        if (4 * (_used + 1) > 3 * _places.Length)
        {
            Grow();
        }
        Put(lead, place);
    }

    /// <summary>Forgets a lead that is there. While its old place can still be asked for.</summary>
    public void Remove(Guid lead)
    {
        var slot = SlotOf(lead);
        while (_places[slot] == Taken || leadAt(_places[slot]) != lead)
        {
            slot = Next(slot);
        }
        _places[slot] = Taken;
    }

    void Put(Guid lead, int place)
    {
        var slot = SlotOf(lead);
        while (_places[slot] != Free)
        {
            slot = Next(slot);
        }
        _places[slot] = place;
        _used++;
    }

    void Grow()
    {
        var before = _places;
        _places = NewTable(2 * before.Count(place => place >= 0) >= before.Length ? 2 * before.Length : before.Length);
        _used = 0;
        foreach (var place in before.Where(place => place >= 0))
        {
            Put(leadAt(place), place);
        }
    }

    static int[] NewTable(int size)
    {
        var places = new int[size];
        Array.Fill(places, Free);
        return places;
    }

    // The last bytes are random in every kind of UUID that is in use; spread once more, since callers may number theirs.
    int SlotOf(Guid lead)
    {
        var halves = MemoryMarshal.Cast<Guid, ulong>(new ReadOnlySpan<Guid>(in lead));
        return (int)(((halves[0] ^ halves[1]) * 0x9E3779B97F4A7C15UL) >> 33) & (_places.Length - 1);
    }

    int Next(int slot) => (slot + 1) & (_places.Length - 1);
}
