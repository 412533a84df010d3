using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using L2R.Ledger.Domain;

namespace L2R.Cli.Imports;

/// <summary>How the columns of a file become rows of history. A mapping file is this record as JSON.</summary>
sealed partial record ImportMap
{
    const string Folder = "Maps/";
    const int MostCustom = 16;
    const string TouchFolder = "TouchpointMaps/";

    /// <summary>What a column or a constant can be.</summary>
    public static readonly string[] Fields =
    [
        "lead_key", "journey_key", "opportunity_key", "source_seq", "stage", "occurred_at", "actor", "reason", "amount", "currency",
        .. Dimensions,
    ];

    static readonly string[] Required = ["lead_key", "stage", "occurred_at"];

    /// <summary>What a column or a constant of past touches can be.</summary>
    public static readonly string[] TouchFields =
        ["lead_key", "touch_key", "occurred_at", "kind", "channel", "campaign", "engagement", "cost", "currency"];

    static readonly string[] RequiredOfTouches = ["lead_key", "occurred_at"];

    /// <summary>Before the name of a dimension of the tenant's own.</summary>
    public const string CustomPrefix = "custom.";

    static string[] Dimensions => ["channel", "source", "campaign", "segment", "region", "owner", "team", "product", "motion"];

    // The generated reader gives optional init-only properties null instead of their defaults: hence set.
    public string Description { get; set; } = "";

    /// <summary>The system that the history comes from, in kebab case; keys are unique within it.</summary>
    public required string Source { get; init; }

    /// <summary>One ASCII character.</summary>
    public string Delimiter { get; set; } = ",";

    /// <summary>The file's column for each field of ours.</summary>
    /// <remarks>Without a journey key a lead has one journey; without a sequence the rows of a journey count in file order.</remarks>
    public required IReadOnlyDictionary<string, string> Columns { get; init; }

    /// <summary>Values that every row has, for fields without a column.</summary>
    public IReadOnlyDictionary<string, string> Constants { get; set; } = new Dictionary<string, string>();

    /// <summary>What is put before a field's value where it has one.</summary>
    public IReadOnlyDictionary<string, string> Prefixes { get; set; } = new Dictionary<string, string>();

    /// <summary>Our stage for each of the file's names. Empty: the file uses our names.</summary>
    public IReadOnlyDictionary<string, string> Stages { get; set; } = new Dictionary<string, string>();

    /// <summary>The names of the maps that ship with L2R.</summary>
    public static IReadOnlyList<string> Shipped { get; } = ShippedIn(Folder);

    /// <summary>Those of past touches.</summary>
    public static IReadOnlyList<string> ShippedOfTouches { get; } = ShippedIn(TouchFolder);

    /// <param name="name">Of a map that ships with L2R, or the path of a mapping file.</param>
    /// <param name="ofTouches">A map of past touches, not of moves.</param>
    /// <exception cref="CommandFailedException">There is none, or it is wrong; the message says how.</exception>
    public static ImportMap Find(string name, bool ofTouches = false)
    {
        var shipped = ofTouches ? ShippedOfTouches : Shipped;
        using var file = shipped.Contains(name)
            ? new StreamReader(typeof(ImportMap).Assembly.GetManifestResourceStream($"{(ofTouches ? TouchFolder : Folder)}{name}.json")!)
            : File.Exists(name) ? File.OpenText(name)
            : throw new CommandFailedException(
                $"There is no map '{name}'. These ship with L2R: {string.Join(", ", shipped)}; a path to a mapping file works too.",
                ExitCodes.Usage);
        var json = file.ReadToEnd();
        var map = ImportMapShape.FindProblem(json) is { } misshapen
            ? throw Unusable(misshapen)
            : JsonSerializer.Deserialize(json, ImportMapJson.Default.ImportMap)!;
        return map.FindProblem(ofTouches) is { } problem ? throw Unusable(problem) : map;

        CommandFailedException Unusable(string why) => new($"The map '{name}' cannot be used: {why} docs/import-maps.md describes maps.");
    }

    /// <summary>Whether it is in kebab case, at most 63 characters. The services take no other.</summary>
    public static bool IsSource(string text) => text.Length <= 63 && SourcePattern().IsMatch(text);

    /// <summary>The fields that are dimensions of the tenant's own.</summary>
    public IReadOnlyList<string> Custom => [.. Columns.Keys.Union(Constants.Keys).Where(IsCustom)];

    /// <summary>What the file may call stages and exits.</summary>
    public IEnumerable<string> StageNames => Stages.Count == 0 ? Ledger.Domain.Stages.All.Select(stage => stage.Name()) : Stages.Keys;

    /// <returns>The stage that the file calls so, null where it is no name of a stage.</returns>
    public Stage? StageOf(string name) =>
        Ledger.Domain.Stages.TryParse(Stages.Count == 0 ? name : Stages.GetValueOrDefault(name), out var stage) ? stage : null;

    static string[] ShippedIn(string folder) =>
    [
        .. typeof(ImportMap).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Select(name => Path.GetFileNameWithoutExtension(name))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether it is <c>custom.</c> and the name of a dimension of the tenant's own.</summary>
    public static bool IsCustom(string field) =>
        field.StartsWith(CustomPrefix, StringComparison.Ordinal) && field[CustomPrefix.Length..] is var name && IsSource(name) && !Fields.Contains(name);

    string? FindProblem(bool ofTouches)
    {
        var (required, fields, amount) = ofTouches ? (RequiredOfTouches, TouchFields, "cost") : (Required, Fields, "amount");
        if (required.FirstOrDefault(field => !Columns.ContainsKey(field)) is { } missing)
        {
            return $"'columns' lacks '{missing}'.";
        }
        if (!IsSource(Source))
        {
            return $"'source' is in kebab case such as crm-eu, at most 63 characters; not '{Source}'.";
        }
        if (Columns.Keys.Concat(Constants.Keys).Concat(Prefixes.Keys)
            .FirstOrDefault(field => !fields.Contains(field) && (ofTouches || !IsCustom(field))) is { } unknown)
        {
            return $"'{unknown}' is none of the fields {string.Join(", ", fields)}{(ofTouches ? "" : ", or custom.NAME with a name in kebab case")}.";
        }
        if (!ofTouches && Custom.Count > MostCustom)
        {
            return $"it has {Custom.Count} dimensions of your own (custom.NAME), at most {MostCustom} are taken.";
        }
        if (Stages.Values.FirstOrDefault(name => !Ledger.Domain.Stages.TryParse(name, out _)) is { } stage)
        {
            return $"'{stage}' is none of the stages {string.Join(", ", Ledger.Domain.Stages.All.Select(known => known.Name()))}.";
        }
        if (Delimiter.Length != 1 || !char.IsAscii(Delimiter[0]))
        {
            return $"'delimiter' is one ASCII character, not '{Delimiter}'.";
        }
        return Columns.ContainsKey(amount) && !Columns.ContainsKey("currency") && !Constants.ContainsKey("currency")
            ? $"an '{amount}' needs a 'currency', as a column or a constant."
            : null;
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*\\z")]
    private static partial Regex SourcePattern();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ImportMap))]
sealed partial class ImportMapJson : JsonSerializerContext;
