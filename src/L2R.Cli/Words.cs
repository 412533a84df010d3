using System.Globalization;

namespace L2R.Cli;

static class Words
{
    /// <summary>1 row, 2,000 rows.</summary>
    /// <param name="what">One of them.</param>
    /// <param name="many">More of them; with an s unless given.</param>
    public static string Counted(long count, string what, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? what : many ?? $"{what}s")}");

    /// <summary>The known word that is at most two letters away: added, left out or other ones.</summary>
    /// <returns>Null where none is so near.</returns>
    public static string? Nearest(string word, IEnumerable<string> known) =>
        known.Where(candidate => Distance(word, candidate) <= Math.Min(2, word.Length / 2)).MinBy(candidate => Distance(word, candidate));

    /// <summary>Levenshtein's.</summary>
    static int Distance(string left, string right)
    {
        var above = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var row = new int[above.Length];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                row[j + 1] = Math.Min(Math.Min(row[j], above[j + 1]) + 1, above[j] + (left[i] == right[j] ? 0 : 1));
            }
            above = row;
        }
        return above[^1];
    }
}
