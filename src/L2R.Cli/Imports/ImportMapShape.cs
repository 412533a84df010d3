using System.Text.Json;

namespace L2R.Cli.Imports;

/// <summary>Whether a JSON text can be a map at all: says so in the words of the file, where the JSON reader would speak of our types.</summary>
static class ImportMapShape
{
    static readonly string[] Texts = ["description", "source", "delimiter"];
    static readonly string[] Lists = ["columns", "constants", "prefixes", "stages"];
    static readonly string[] Required = ["source", "columns"];

    static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <returns>The first problem; null where there is none.</returns>
    public static string? FindProblem(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return FindProblem(document.RootElement);
        }
        catch (JsonException exception)
        {
            // "… LineNumber: 0 | BytePositionInLine: 3.": they count from 0.
            var what = exception.Message.Split(" LineNumber:")[0];
            return $"line {exception.LineNumber + 1} is no JSON: {what}";
        }
    }

    static string? FindProblem(JsonElement map)
    {
        if (map.ValueKind != JsonValueKind.Object)
        {
            return "it is a JSON object, { \"source\": …, \"columns\": … }.";
        }
        foreach (var property in map.EnumerateObject())
        {
            var problem =
                Texts.Contains(property.Name) ? (property.Value.ValueKind == JsonValueKind.String ? null : $"'{property.Name}' is a text.")
                : Lists.Contains(property.Name) ? FindProblemOfList(property.Name, property.Value)
                : $"'{property.Name}' is none of the keys {string.Join(", ", [.. Texts, .. Lists])}.";
            if (problem is not null)
            {
                return problem;
            }
        }
        return Required.FirstOrDefault(key => !map.TryGetProperty(key, out _)) is { } missing ? $"it lacks '{missing}'." : null;
    }

    static string? FindProblemOfList(string name, JsonElement list) =>
        list.ValueKind != JsonValueKind.Object ? $"'{name}' is an object, {{ \"name\": \"value\", … }}."
        : list.EnumerateObject().FirstOrDefault(pair => pair.Value.ValueKind != JsonValueKind.String) is { Value.ValueKind: not JsonValueKind.Undefined } pair
            ? $"'{pair.Name}' in '{name}' is a text."
            : null;
}
