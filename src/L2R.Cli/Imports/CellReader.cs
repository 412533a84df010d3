using System.Globalization;
using L2R.Type.V1;

namespace L2R.Cli.Imports;

/// <summary>Reads cells of a line by the names that a map gives its columns.</summary>
abstract class CellReader(ImportMap map, string[] header)
{
    const NumberStyles AmountStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK"];

    readonly Dictionary<string, int> _indexes =
        map.Columns.ToDictionary(column => column.Key, column => Array.IndexOf(header, column.Value));

    protected ImportMap Map => map;

    protected string Value(string[] cells, string field)
    {
        var value = _indexes.TryGetValue(field, out var index)
            ? cells.ElementAtOrDefault(index) ?? ""
            : map.Constants.GetValueOrDefault(field, "");
        return value.Length > 0 && map.Prefixes.TryGetValue(field, out var prefix) ? prefix + value : value;
    }

    protected string? Length(string field, string value, int least, int most) =>
        value.Length < least ? $"{Name(field)} is empty"
        : value.Length > most ? $"{Name(field)} has {value.Length} characters, at most {most} are taken"
        : null;

    /// <summary>What the file calls it.</summary>
    protected string Name(string field) => map.Columns.GetValueOrDefault(field, field);

    /// <summary>An amount, and the currency beside it.</summary>
    protected (Money? Money, string? Problem) Amount(string[] cells, string field)
    {
        var (text, currency) = (Value(cells, field), Value(cells, "currency"));
        return text.Length == 0 ? (null, null)
            : currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)
                ? (null, $"currency must be an ISO 4217 code such as EUR, not '{currency}'")
            : !decimal.TryParse(text, AmountStyle, CultureInfo.InvariantCulture, out var amount) || Math.Abs(amount) >= long.MaxValue
                ? (null, $"{Name(field)} must be a number such as 1234.50, not '{text}'")
            : amount < 0 ? (null, $"{Name(field)} must not be negative, and is {text}")
            : (amount.ToMoney(currency), null);
    }

    /// <summary>When it happened, and what is wrong with it.</summary>
    /// <param name="now">No row may have happened after it.</param>
    protected (DateTimeOffset? Instant, string? Problem) OccurredAt(string[] cells, DateTimeOffset now)
    {
        var text = Value(cells, "occurred_at");
        return Instant(text) is not { } instant
            ? (null, $"{Name("occurred_at")} must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not '{text}'")
            : (instant, instant > now + ClockTolerance ? $"{Name("occurred_at")} is in the future" : null);
    }

    // A time without its offset would be read as if it were of this machine's zone.
    static DateTimeOffset? Instant(string text) =>
        text.Length > 0 && (text[^1] == 'Z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':'))
        && DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? instant.ToUniversalTime()
            : null;
}
