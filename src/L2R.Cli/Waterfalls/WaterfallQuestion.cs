using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Cli.Tokens;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Reads the words of the command line as a question to the waterfall.</summary>
static class WaterfallQuestion
{
    static readonly string[] InstantFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    const int MostDimensions = 2;

    static readonly OrderedDictionary<string, PeriodKind> Periods = new()
    {
        ["day"] = PeriodKind.Day,
        ["week"] = PeriodKind.Week,
        ["month"] = PeriodKind.Month,
        ["quarter"] = PeriodKind.Quarter,
        ["fiscal-year"] = PeriodKind.FiscalYear,
    };

    public static IEnumerable<string> PeriodNames => Periods.Keys;

    public static IEnumerable<string> CohortStages => Stages.Waterfall.Select(stage => stage.Name());

    /// <summary>What journeys can be grouped and filtered by.</summary>
    static readonly string[] Dimensions =
        ["channel", "source", "campaign", "motion", "owner", "team", "product", "policy_version", "segment", "region"];

    /// <summary>The same in a sentence, with the tenant's own.</summary>
    public static string DimensionNames { get; } = $"{string.Join(", ", Dimensions)}, {ImportMap.CustomPrefix}NAME";

    /// <summary>An instant with its offset, or a day, which begins at midnight UTC.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Timestamp Instant(string text) =>
        DateTimeOffset.TryParseExact(
            text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant.ToTimestamp()
            : throw new FormatException($"an instant such as 2026-03-31T00:00:00Z, or a day such as 2026-03-31; not '{text}'");

    /// <summary>Durations such as <c>12h,7d,30d</c>.</summary>
    /// <exception cref="FormatException">One of them isn't.</exception>
    public static IEnumerable<Duration> Durations(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(word => DevToken.TryParseLifetime(word, out var span)
            ? span.ToDuration()
            : throw new FormatException($"durations of whole numbers and a unit (s, m, h, d), as in 12h,7d,30d; not '{word}'"));

    /// <summary>What to group by: a period, dimensions, or both, as in <c>month,channel</c>.</summary>
    /// <exception cref="FormatException">A word is neither, or there are too many.</exception>
    public static (PeriodKind Period, IReadOnlyList<string> Dimensions) GroupBy(string text)
    {
        var words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToLookup(Periods.ContainsKey);
        var (periods, dimensions) = (words[true].ToList(), words[false].ToList());
        dimensions = dimensions.ConvertAll(word => Dimension(word, $"a period ({string.Join(", ", Periods.Keys)}) or dimensions"));
        return periods.Count > 1 ? throw new FormatException($"one period at a time, not {string.Join(" and ", periods)}")
            : dimensions.Count > MostDimensions ? throw new FormatException($"at most {MostDimensions} dimensions, not {string.Join(", ", dimensions)}")
            : (periods is [var period] ? Periods[period] : PeriodKind.Unspecified, dimensions);
    }

    /// <summary>A condition such as <c>channel=web-form,event</c>; the value <c>unknown</c> means that there is none.</summary>
    /// <exception cref="FormatException">It has no value, or a name that is no dimension.</exception>
    public static DimensionFilter Filter(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } list])
        {
            throw new FormatException($"a dimension and its values, as in channel=web-form,event; not '{text}'");
        }
        var dimension = Dimension(name, "one of the dimensions");
        var values = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new DimensionFilter
        {
            Dimension = dimension,
            Values = { values.Where(value => value != "unknown") },
            IncludeUnknown = values.Contains("unknown"),
        };
    }

    /// <exception cref="FormatException">It is no stage.</exception>
    public static L2R.Ledger.V1.Stage CohortBy(string text) =>
        Stages.TryParse(text.ToUpperInvariant(), out var stage) && stage.IsStage()
            ? stage.ToProto()
            : throw new FormatException($"one of {string.Join(", ", CohortStages)}; not '{text}'");

    /// <exception cref="FormatException">It is no selection.</exception>
    public static JourneySelection Journeys(string text) => text switch
    {
        "any" => JourneySelection.Any,
        "first" => JourneySelection.First,
        "latest" => JourneySelection.Latest,
        _ => throw new FormatException($"any, first or latest; not '{text}'"),
    };

    /// <summary>The name of a dimension for the service: <c>channel</c>, or <c>plan</c> for <c>custom.plan</c>.</summary>
    /// <returns>Null where it can be none; of the tenant's own the service knows which there are.</returns>
    public static string? Dimension(string word) =>
        Dimensions.Contains(word) ? word
        : ImportMap.IsCustom(word) ? word[ImportMap.CustomPrefix.Length..]
        : null;

    static string Dimension(string word, string wanted) =>
        Dimension(word) ?? throw new FormatException($"{wanted} ({DimensionNames}), not '{word}'");
}
