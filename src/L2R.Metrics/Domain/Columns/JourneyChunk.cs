using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Columns;

/// <summary>What few journeys have: an index of whom it is of, in ascending order, and what it is.</summary>
readonly record struct Sparse<T>(int[] Of, T[] Items)
{
    /// <summary>The first entry at or after an index.</summary>
    public int From(int index)
    {
        var found = Of.AsSpan().BinarySearch(index);
        while (found > 0 && Of[found - 1] == index)
        {
            found--;
        }
        return found >= 0 ? found : ~found;
    }

    /// <summary>What an index has. Asked for one index after the other, from where the one before was found.</summary>
    public T? At(ref int place, int index)
    {
        while (place < Of.Length && Of[place] < index)
        {
            place++;
        }
        return place < Of.Length && Of[place] == index ? Items[place] : default;
    }
}

/// <summary>The space that the facts of a journey are made in, so that many journeys are visited without leaving anything behind.</summary>
sealed class FactsRoom
{
    readonly Reached?[] _reached = new Reached?[Ledger.Domain.Stages.Waterfall.Count];
    readonly List<Stay> _stays = [];

    public (Reached?[] Reached, List<Stay> Stays) Empty()
    {
        Array.Clear(_reached);
        _stays.Clear();
        return (_reached, _stays);
    }
}

/// <param name="Amount">In <paramref name="Currency"/>. Null where the row had none.</param>
readonly record struct StayDetail(Guid? OpportunityId, decimal? Amount, string? Currency);

/// <param name="At">Ticks, UTC.</param>
/// <param name="Values">Number in <see cref="ValueTables.AtEntry"/>.</param>
readonly record struct ChunkMismatch(long At, int Values);

/// <param name="StaysBefore">How many stays of its journey come before it.</param>
/// <param name="At">Ticks, UTC.</param>
/// <param name="Values">Number in <see cref="ValueTables.AtEntry"/>.</param>
readonly record struct ChunkLoss(int StaysBefore, long At, int Values);

/// <summary>Up to 65,536 journeys, column by column, folded as of the end of time: an earlier as_of is a matter of leaving rows out.</summary>
/// <remarks>
/// Never changes, but for what it remembers. The journeys of one lead stand beside each other in the order of their numbers, the stays of one journey in the ledger's
/// order. Instants are ticks, UTC. 67 bytes a journey and 22 a stay, and what is sparse.
/// </remarks>
sealed class JourneyChunk
{
    public const int Capacity = 65_536;

    /// <summary>The next journey is the same lead's.</summary>
    public const byte HasNext = 1;

    /// <summary>Two stages were entered against their order.</summary>
    public const byte OutOfOrder = 2;

    /// <summary>Has rows that are no stays, at some instant.</summary>
    public const byte HasOtherRows = 4;

    const byte StageBits = 0x0F;
    const byte StoodBit = 0x80;

    public required int Count { get; init; }

    // By journey.
    public required Guid[] Leads { get; init; }
    public required Guid[] Journeys { get; init; }
    public required int[] Numbers { get; init; }
    public required byte[] Marks { get; init; }
    public required int[] Origins { get; init; }
    public required int[] Currents { get; init; }

    /// <summary>The first stay of each journey; one more than there are journeys.</summary>
    public required int[] FirstStays { get; init; }

    /// <summary>When the ledger first learnt of the lead; of one that was withdrawn too.</summary>
    public required long[] FirstKnown { get; init; }

    /// <summary>When it last did.</summary>
    public required long[] LastKnown { get; init; }

    // By stay.
    public required long[] Entered { get; init; }
    public required long[] Recorded { get; init; }
    public required byte[] Stages { get; init; }

    /// <summary>An <see cref="Ledger.Domain.Origin"/> each.</summary>
    public required byte[] RowOrigins { get; init; }
    public required int[] Values { get; init; }

    /// <summary>Where a row of journeys with the same stages in the same order ends, journey not included; in ascending order.</summary>
    public required int[] RunEnds { get; init; }

    /// <summary>By stay.</summary>
    public required Sparse<StayDetail> Details { get; init; }

    /// <summary>By stay: why an exit was taken, where its row says.</summary>
    public required Sparse<string> Reasons { get; init; }

    /// <summary>By journey, in the ledger's order.</summary>
    public required Sparse<ChunkMismatch> Mismatches { get; init; }

    /// <summary>By journey, in the ledger's order: opportunities lost while it stayed where it was.</summary>
    public required Sparse<ChunkLoss> Losses { get; init; }

    /// <summary>One for each of <see cref="Losses"/>.</summary>
    public required StayDetail[] LossDetails { get; init; }

    public required long MinEntered { get; init; }
    public required long MaxEntered { get; init; }
    public required long MaxRecorded { get; init; }
    public required long MinKnown { get; init; }
    public required long MaxKnown { get; init; }

    /// <summary>What was last found out of scope. Of use to whoever asks next; two who ask at once both find the same.</summary>
    public ScopeOfChunk? LastScope { get; set; }

    /// <summary>The journey that a stay is of.</summary>
    public int JourneyOf(int stay)
    {
        var found = Array.BinarySearch(FirstStays, stay);
        return found >= 0 ? found : ~found - 1;
    }

    public static byte Pack(Stage stage, bool stood) => (byte)((byte)stage | (stood ? StoodBit : 0));

    public static Stage StageOf(byte packed) => (Stage)(packed & StageBits);

    /// <summary>Whether the journey came to stand there.</summary>
    public static bool Stood(byte packed) => (packed & StoodBit) != 0;

    /// <summary>One journey as <see cref="Fold"/> makes it.</summary>
    /// <param name="room">Taken by what is returned, until it is given again.</param>
    /// <returns>Null where its first row is later than <paramref name="asOf"/>.</returns>
    public JourneyFacts? Facts(int journey, long asOf, ValueTables values, FactsRoom room)
    {
        var (first, end) = (FirstStays[journey], FirstStays[journey + 1]);
        if (Entered[first] > asOf)
        {
            return null;
        }

        var (reached, stays) = room.Empty();
        var (standing, ranks, detail, reason) = (-1, 0, Details.From(first), Reasons.From(first));
        for (var index = first; index < end && Entered[index] <= asOf; index++)
        {
            var stage = StageOf(Stages[index]);
            var atEntry = values.AtEntry[Values[index]];
            var entered = At(Entered[index]);
            if (stage.IsStage())
            {
                for (; ranks <= stage.Rank(); ranks++)
                {
                    reached[ranks] = new Reached(entered, stage, atEntry);
                }
            }
            if (Stood(Stages[index]))
            {
                if (standing >= 0)
                {
                    stays[standing] = stays[standing] with { Left = entered };
                }
                standing = stays.Count;
            }
            var extra = Details.At(ref detail, index);
            stays.Add(new Stay(stage, entered, Stood(Stages[index]) ? null : entered, atEntry)
            {
                OpportunityId = extra.OpportunityId,
                Amount = extra.Amount,
                Currency = extra.Currency,
                Reason = Reasons.At(ref reason, index),
                RecordedAt = At(Recorded[index]),
                Origin = (Origin)RowOrigins[index],
                IsLate = Recorded[index] > asOf,
                Stood = Stood(Stages[index]),
            });
        }
        return new JourneyFacts(reached, stays, standing)
        {
            LeadId = Leads[journey],
            JourneyId = Journeys[journey],
            Number = Numbers[journey],
            IsLatest = IsLatest(journey, asOf),
            Origin = values.Origin[Origins[journey]],
            Current = values.Current[Currents[journey]],
            HasOtherRows = (Marks[journey] & HasOtherRows) != 0,
            LossesBeside = Losses.Of.Length == 0 ? [] : LossesOf(journey, asOf, values),
            Mismatches = Mismatches.Of.Length == 0 ? [] : MismatchesOf(journey, asOf, values),
        };
    }

    /// <summary>The journeys of one lead after the other: the first of each, and the first of the next.</summary>
    public IEnumerable<(int First, int End)> LeadRuns()
    {
        for (var (first, end) = (0, 0); first < Count; first = end)
        {
            while ((Marks[end++] & HasNext) != 0)
            {
            }
            yield return (first, end);
        }
    }

    /// <summary>Whether no journey of the lead has a higher number at an instant.</summary>
    public bool IsLatest(int journey, long asOf) =>
        (Marks[journey] & HasNext) == 0 || Entered[FirstStays[journey + 1]] > asOf;

    List<Mismatch> MismatchesOf(int journey, long asOf, ValueTables values)
    {
        List<Mismatch> found = [];
        for (var index = Mismatches.From(journey); index < Mismatches.Of.Length && Mismatches.Of[index] == journey; index++)
        {
            if (Mismatches.Items[index].At <= asOf)
            {
                found.Add(new Mismatch(At(Mismatches.Items[index].At), values.AtEntry[Mismatches.Items[index].Values]));
            }
        }
        return found;
    }

    List<LossBeside> LossesOf(int journey, long asOf, ValueTables values)
    {
        List<LossBeside> found = [];
        for (var index = Losses.From(journey); index < Losses.Of.Length && Losses.Of[index] == journey; index++)
        {
            var (loss, detail) = (Losses.Items[index], LossDetails[index]);
            if (loss.At <= asOf)
            {
                found.Add(new(loss.StaysBefore, At(loss.At), values.AtEntry[loss.Values], detail.OpportunityId, detail.Amount, detail.Currency));
            }
        }
        return found;
    }

    static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
