using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.V1;

namespace L2R.Cli.Imports;

/// <summary>Reads the cells of one line as a row of history, by a Map.</summary>
/// <remarks>What the services would refuse is found here first: what follows from a refusal is then known before anything is sent.</remarks>
/// <param name="now">No row may have happened after it.</param>
sealed class RowReader(ImportMap map, string[] header, DateTimeOffset now) : CellReader(map, header)
{
    readonly Dictionary<string, long> _rowsOfJourney = [];
    readonly IReadOnlyList<string> _custom = map.Custom;

    /// <param name="cells">As many as the header has.</param>
    public FileLine Read(long line, string[] cells)
    {
        var leadKey = Value(cells, "lead_key");
        var journeyKey = JourneyKey(cells);
        var sequence = Sequence(cells, journeyKey);
        var stage = Map.StageOf(Value(cells, "stage"));
        var (occurTime, timeProblem) = OccurredAt(cells, now);
        var amount = Amount(cells, "amount");
        var row = new ImportedTransition
        {
            Line = line,
            SourceKey = journeyKey,
            SourceSeq = sequence ?? 0,
            LeadKey = leadKey,
            JourneyKey = journeyKey,
            OpportunityKey = Value(cells, "opportunity_key"),
            To = stage.ToProto(),
            OccurTime = occurTime?.ToTimestamp(),
            Actor = Value(cells, "actor"),
            Reason = Value(cells, "reason"),
            Amount = amount.Money,
            Dimensions = Dimensions(cells),
        };

        string?[] problems =
        [
            Length("lead_key", leadKey, 1, 200),
            journeyKey.Length == 0 && leadKey.Length > 0
                ? $"{Name("journey_key")} is empty: where the map names the column, each line says which journey it is of"
                : Length("journey_key", journeyKey, 1, 200),
            Length("opportunity_key", row.OpportunityKey, 0, 200),
            Length("actor", row.Actor, 0, 200),
            Length("reason", row.Reason, 0, 500),
            sequence is null ? $"{Name("source_seq")} must be a whole number from 0, not '{Value(cells, "source_seq")}'" : null,
            stage is null ? $"{Name("stage")} has '{Value(cells, "stage")}', which is no stage of the map: {string.Join(", ", Map.StageNames)}" : null,
            timeProblem,
            amount.Problem,
        ];
        var found = string.Join("; ", problems.OfType<string>().Distinct()); // two fields may be one column
        return found.Length == 0
            ? new FileLine.Row(line, journeyKey, stage!.Value, row)
            : new FileLine.Broken(line, OrNull(journeyKey), stage, found);
    }

    /// <summary>A line that isn't cells of the header, of which perhaps the key can be read.</summary>
    public FileLine Refuse(long line, string[] cells, string cause)
    {
        var journeyKey = JourneyKey(cells);
        Sequence(cells, journeyKey);
        return new FileLine.Broken(line, OrNull(journeyKey), Map.StageOf(Value(cells, "stage")), $"the line {cause}");
    }

    static string? OrNull(string text) => text.Length == 0 ? null : text;

    string JourneyKey(string[] cells) => Value(cells, Map.Columns.ContainsKey("journey_key") ? "journey_key" : "lead_key");

    /// <summary>The row's own number, or how many rows of its journey came before it.</summary>
    long? Sequence(string[] cells, string journeyKey)
    {
        if (Map.Columns.ContainsKey("source_seq"))
        {
            return long.TryParse(Value(cells, "source_seq"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
        }
        _rowsOfJourney.TryGetValue(journeyKey, out var earlier);
        _rowsOfJourney[journeyKey] = earlier + 1;
        return earlier;
    }

    Dimensions Dimensions(string[] cells) => new()
    {
        Channel = Value(cells, "channel"),
        Source = Value(cells, "source"),
        Campaign = Value(cells, "campaign"),
        Segment = Value(cells, "segment"),
        Region = Value(cells, "region"),
        Owner = Value(cells, "owner"),
        Team = Value(cells, "team"),
        Product = Value(cells, "product"),
        Motion = Value(cells, "motion"),
        // An empty one says nothing, and would not be found in the ledger.
        Custom =
        {
            _custom.Select(field => (Name: field[ImportMap.CustomPrefix.Length..], Value: Value(cells, field)))
                .Where(own => own.Value.Length > 0)
                .ToDictionary(own => own.Name, own => own.Value),
        },
    };
}
