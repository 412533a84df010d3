namespace L2R.Metrics.Domain.Columns;

/// <summary>Which stages a journey entered, in which order, as a number.</summary>
static class JourneyShape
{
    const int BitsOfStay = 4;
    const int Stays = 16; // of later ones it says nothing

    /// <param name="lead">Its first journey counts.</param>
    public static ulong Of(IReadOnlyList<JourneyFacts> lead)
    {
        var shape = 0UL;
        for (var stay = 0; lead.Count > 0 && stay < Math.Min(Stays, lead[0].Stays.Count); stay++)
        {
            shape = Next(shape, (ulong)lead[0].Stays[stay].Stage);
        }
        return shape;
    }

    public static ulong Of(JourneyChunk chunk, int journey)
    {
        var shape = 0UL;
        var first = chunk.FirstStays[journey];
        for (var stay = first; stay < Math.Min(first + Stays, chunk.FirstStays[journey + 1]); stay++)
        {
            shape = Next(shape, (ulong)JourneyChunk.StageOf(chunk.Stages[stay]));
        }
        return shape;
    }

    // One more than the stage: a journey of two entries of LEAD is none of one.
    static ulong Next(ulong shape, ulong stage) => (shape << BitsOfStay) | (stage + 1);
}
