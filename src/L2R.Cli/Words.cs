using System.Globalization;

namespace L2R.Cli;

static class Words
{
    /// <summary>1 row, 2,000 rows.</summary>
    /// <param name="what">One of them, in English that adds an s for more.</param>
    public static string Counted(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}{(count == 1 ? "" : "s")}");
}
