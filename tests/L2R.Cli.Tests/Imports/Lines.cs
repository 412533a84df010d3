using L2R.Cli.Imports;

namespace L2R.Cli.Tests.Imports;

/// <summary>Files in the shape of the map <c>loans</c>, and what is read from them.</summary>
static class Lines
{
    public const string Header = "case_id,stage,occurred_at,actor,reason,amount_eur,source_seq";

    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A line; <paramref name="seq"/> is also the hour at which it happened.</summary>
    public static string Of(string journey, string stage, int seq) => $"{journey},{stage},2025-01-01T{seq:00}:00:00Z,112,,100,{seq}";

    public static string File(params string[] lines) => string.Join('\n', [Header, .. lines]) + "\n";

    /// <summary>Reads a file with those lines below the header.</summary>
    public static IReadOnlyList<FileLine> Read(params string[] lines) => Read(ImportMap.Find("loans"), File(lines));

    public static IReadOnlyList<FileLine> Read(ImportMap map, string text)
    {
        using var temp = new TempCheckout();
        return [.. new FileReader(temp.Write("file.csv", text), map, Now).Read()];
    }
}
