using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Type.V1;

namespace L2R.Cli.Imports;

/// <summary>Reads the cells of one line as a row of history, by a map.</summary>
/// <remarks>What the services would refuse is found here first: what follows from a refusal is then known before anything is sent.</remarks>
/// <param name="now">No row may have happened after it.</param>
sealed class RowReader(ImportMap map, string[] header, DateTimeOffset now)
{
    const NumberStyles AmountStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
    static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK"];

    readonly Dictionary<string, int> _indexes =
        map.Columns.ToDictionary(column => column.Key, column => Array.IndexOf(header, column.Value));

    readonly Dictionary<string, long> _rowsOfJourney = [];

    /// <param name="cells">As many as the header has.</param>
    public FileLine Read(long line, string[] cells)
    {
        var leadKey = Value(cells, "lead_key");
        var journeyKey = JourneyKey(cells);
        var sequence = Sequence(cells, journeyKey);
        var stage = map.StageOf(Value(cells, "stage"));
        var occurTime = Instant(Value(cells, "occurred_at"));
        var amount = Amount(cells);
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
            stage is null ? $"{Name("stage")} has '{Value(cells, "stage")}', which is no stage of the map: {string.Join(", ", map.StageNames)}" : null,
            occurTime is null
                ? $"{Name("occurred_at")} must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not '{Value(cells, "occurred_at")}'"
                : null,
            occurTime > now + ClockTolerance ? $"{Name("occurred_at")} is in the future" : null,
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
        return new FileLine.Broken(line, OrNull(journeyKey), map.StageOf(Value(cells, "stage")), $"the line {cause}");
    }

    static string? OrNull(string text) => text.Length == 0 ? null : text;

    string JourneyKey(string[] cells) => Value(cells, map.Columns.ContainsKey("journey_key") ? "journey_key" : "lead_key");

    /// <summary>The row's own number, or how many rows of its journey came before it.</summary>
    long? Sequence(string[] cells, string journeyKey)
    {
        if (map.Columns.ContainsKey("source_seq"))
        {
            return long.TryParse(Value(cells, "source_seq"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
        }
        _rowsOfJourney.TryGetValue(journeyKey, out var earlier);
        _rowsOfJourney[journeyKey] = earlier + 1;
        return earlier;
    }

    (Money? Money, string? Problem) Amount(string[] cells)
    {
        var (text, currency) = (Value(cells, "amount"), Value(cells, "currency"));
        return text.Length == 0 ? (null, null)
            : currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)
                ? (null, $"currency must be an ISO 4217 code such as EUR, not '{currency}'")
            : !decimal.TryParse(text, AmountStyle, CultureInfo.InvariantCulture, out var amount) || Math.Abs(amount) >= long.MaxValue
                ? (null, $"{Name("amount")} must be a number such as 1234.50, not '{text}'")
            : amount < 0 ? (null, $"{Name("amount")} must not be negative, and is {text}")
            : (amount.ToMoney(currency), null);
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
    };

    string Value(string[] cells, string field)
    {
        var value = _indexes.TryGetValue(field, out var index)
            ? cells.ElementAtOrDefault(index) ?? ""
            : map.Constants.GetValueOrDefault(field, "");
        return value.Length > 0 && map.Prefixes.TryGetValue(field, out var prefix) ? prefix + value : value;
    }

    string? Length(string field, string value, int least, int most) =>
        value.Length < least ? $"{Name(field)} is empty"
        : value.Length > most ? $"{Name(field)} has {value.Length} characters, at most {most} are taken"
        : null;

    /// <summary>What the file calls it.</summary>
    string Name(string field) => map.Columns.GetValueOrDefault(field, field);

    // A time without its offset would be read as if it were of this machine's zone.
    static DateTimeOffset? Instant(string text) =>
        text.Length > 0 && (text[^1] == 'Z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':'))
        && DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? instant.ToUniversalTime()
            : null;
}
