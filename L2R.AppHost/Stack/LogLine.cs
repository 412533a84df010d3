using System.Text.Json;

namespace L2R.AppHost.Stack;

/// <summary>A line of a log as people read it.</summary>
static class LogLine
{
    /// <summary>Of a service's JSON the time, the level, the message and the first line of the exception; every other line as it is.</summary>
    public static string Render(string line)
    {
        if (!line.StartsWith('{'))
        {
            return line;
        }
        try
        {
            using var json = JsonDocument.Parse(line);
            var message = Text(json.RootElement, "Message");
            var exception = Text(json.RootElement, "Exception").Split('\n')[0].Trim();
            return message.Length == 0 ? line
                : $"{Text(json.RootElement, "Timestamp")} {Text(json.RootElement, "LogLevel")} {message}{(exception.Length == 0 ? "" : $" | {exception}")}".Trim();
        }
        catch (JsonException)
        {
            return line; // cut off, or another's brace
        }
    }

    static string Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
