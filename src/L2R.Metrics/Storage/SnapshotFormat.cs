using System.Text.Json;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Storage;

/// <summary>Columns as bytes.</summary>
static class SnapshotFormat
{
    /// <summary>The code that folds and the code that writes. Another build may do either otherwise, and reads the ledger.</summary>
    public static string Build { get; } = $"{typeof(LedgerColumns).Module.ModuleVersionId:N}{typeof(Stage).Module.ModuleVersionId:N}";

    /// <returns>What all chunks share, then each of them.</returns>
    public static IEnumerable<byte[]> Write(ColumnsContent content)
    {
        yield return WriteShared(content);
        foreach (var view in content.Chunks)
        {
            yield return WriteChunk(view);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">A part is cut off.</exception>
    /// <exception cref="JsonException">The values of dimensions cannot be read.</exception>
    public static LedgerColumns Read(IReadOnlyList<byte[]> parts)
    {
        var values = new ValueTables();
        var shared = new SnapshotReader(parts[0]);
        foreach (var kind in Enum.GetValues<DimensionKind>())
        {
            foreach (var combination in JsonSerializer.Deserialize<Dimensions[]>(shared.Read<byte>())!)
            {
                values.Of(kind).NumberOf(combination);
            }
        }
        var (leads, first, last) = (shared.Read<Guid>(), shared.Read<long>(), shared.Read<long>());
        return new(new ColumnsContent(
            [.. parts.Skip(1).Select(part => ReadChunk(part, values))],
            values,
            [.. leads.Select((lead, index) => (lead, first[index], last[index]))]));
    }

    static byte[] WriteShared(ColumnsContent content)
    {
        var writer = new SnapshotWriter();
        foreach (var kind in Enum.GetValues<DimensionKind>())
        {
            var table = content.Values.Of(kind);
            writer.Write<byte>(JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, table.Count).Select(number => table[number])));
        }
        writer.Write<Guid>([.. content.WithoutJourneys.Select(lead => lead.Lead)]);
        writer.Write<long>([.. content.WithoutJourneys.Select(lead => lead.First)]);
        writer.Write<long>([.. content.WithoutJourneys.Select(lead => lead.Last)]);
        return writer.ToArray();
    }

    static byte[] WriteChunk(ChunkView view)
    {
        var (chunk, writer, texts) = (view.Chunk, new SnapshotWriter(), new Dictionary<string, int>());
        writer.Write<ulong>(view.Gone ?? []);
        writer.Write<Guid>(chunk.Leads);
        writer.Write<Guid>(chunk.Journeys);
        writer.Write<int>(chunk.Numbers);
        writer.Write<byte>(chunk.Marks);
        writer.Write<int>(chunk.Origins);
        writer.Write<int>(chunk.Currents);
        writer.Write<int>(chunk.FirstStays);
        writer.Write<long>(chunk.FirstKnown);
        writer.Write<long>(chunk.LastKnown);
        writer.Write<long>(chunk.Entered);
        writer.Write<long>(chunk.Recorded);
        writer.Write<byte>(chunk.Stages);
        writer.Write<byte>(chunk.RowOrigins);
        writer.Write<int>(chunk.Values);
        writer.Write<int>(chunk.RunEnds);
        writer.Write<int>(chunk.Mismatches.Of);
        writer.Write<ChunkMismatch>(chunk.Mismatches.Items);
        writer.Write<int>(chunk.Losses.Of);
        writer.Write<ChunkLoss>(chunk.Losses.Items);
        writer.Write<long>([chunk.MinEntered, chunk.MaxEntered, chunk.MaxRecorded, chunk.MinKnown, chunk.MaxKnown]);

        writer.Write<int>(chunk.Reasons.Of);
        writer.Write<int>([.. chunk.Reasons.Items.Select(NumberOf)]);
        writer.Write<int>(chunk.Details.Of);
        WriteDetails(chunk.Details.Items);
        WriteDetails(chunk.LossDetails);
        writer.Write<byte>(JsonSerializer.SerializeToUtf8Bytes(texts.Keys.ToArray())); // in the order in which they were added
        return writer.ToArray();

        void WriteDetails(StayDetail[] details)
        {
            writer.Write<bool>([.. details.Select(detail => detail.OpportunityId is not null)]);
            writer.Write<Guid>([.. details.Select(detail => detail.OpportunityId ?? Guid.Empty)]);
            writer.Write<bool>([.. details.Select(detail => detail.Amount is not null)]);
            writer.Write<decimal>([.. details.Select(detail => detail.Amount ?? 0)]);
            writer.Write<int>([.. details.Select(detail => detail.Currency is null ? -1 : NumberOf(detail.Currency))]);
        }

        int NumberOf(string text)
        {
            texts.TryAdd(text, texts.Count);
            return texts[text];
        }
    }

    static ChunkView ReadChunk(byte[] part, ValueTables values)
    {
        var reader = new SnapshotReader(part);
        var gone = reader.Read<ulong>();
        var leads = reader.Read<Guid>();
        var (journeys, numbers, marks) = (reader.Read<Guid>(), reader.Read<int>(), reader.Read<byte>());
        var (origins, currents, firstStays) = (reader.Read<int>(), reader.Read<int>(), reader.Read<int>());
        var (firstKnown, lastKnown) = (reader.Read<long>(), reader.Read<long>());
        var (entered, recorded) = (reader.Read<long>(), reader.Read<long>());
        var (stages, rowOrigins, atEntry, runEnds) = (reader.Read<byte>(), reader.Read<byte>(), reader.Read<int>(), reader.Read<int>());
        var mismatches = new Sparse<ChunkMismatch>(reader.Read<int>(), reader.Read<ChunkMismatch>());
        var losses = new Sparse<ChunkLoss>(reader.Read<int>(), reader.Read<ChunkLoss>());
        var bounds = reader.Read<long>();
        var (exits, reasons) = (reader.Read<int>(), reader.Read<int>());
        var detailed = reader.Read<int>();
        var (details, lossDetails) = (ReadDetails(ref reader), ReadDetails(ref reader));
        string[] texts = [.. JsonSerializer.Deserialize<string[]>(reader.Read<byte>())!.Select(text => values.Text(text)!)];
        return new(
            new JourneyChunk
            {
                Count = leads.Length,
                Leads = leads,
                Journeys = journeys,
                Numbers = numbers,
                Marks = marks,
                Origins = origins,
                Currents = currents,
                FirstStays = firstStays,
                FirstKnown = firstKnown,
                LastKnown = lastKnown,
                Entered = entered,
                Recorded = recorded,
                Stages = stages,
                RowOrigins = rowOrigins,
                Values = atEntry,
                RunEnds = runEnds,
                Details = new(detailed, details(texts)),
                Reasons = new(exits, [.. reasons.Select(reason => texts[reason])]),
                Mismatches = mismatches,
                Losses = losses,
                LossDetails = lossDetails(texts),
                MinEntered = bounds[0],
                MaxEntered = bounds[1],
                MaxRecorded = bounds[2],
                MinKnown = bounds[3],
                MaxKnown = bounds[4],
            },
            gone.Length == 0 ? null : gone);
    }

    /// <returns>The details, once the texts that they name are known: those come last.</returns>
    static Func<string[], StayDetail[]> ReadDetails(ref SnapshotReader reader)
    {
        var (named, opportunities) = (reader.Read<bool>(), reader.Read<Guid>());
        var (priced, amounts, currencies) = (reader.Read<bool>(), reader.Read<decimal>(), reader.Read<int>());
        return texts =>
        [
            .. named.Select((isNamed, index) => new StayDetail(
                isNamed ? opportunities[index] : null,
                priced[index] ? amounts[index] : null,
                currencies[index] < 0 ? null : texts[currencies[index]])),
        ];
    }
}
