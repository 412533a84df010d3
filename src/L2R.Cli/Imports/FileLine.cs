using L2R.Ledger.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Imports;

/// <summary>One line of the file that has data.</summary>
/// <param name="Line">From 1; the header is line 1.</param>
/// <param name="JourneyKey">The file's key of the journey; null where the line is too broken to tell.</param>
abstract record FileLine(long Line, string? JourneyKey)
{
    /// <summary>A row of history. Its <c>from</c> is not known yet.</summary>
    public sealed record Row(long Line, string JourneyKey, Stage To, ImportedTransition Transition) : FileLine(Line, JourneyKey);

    /// <summary>A line that cannot be read as one.</summary>
    /// <param name="To">The stage that it names, where that can be read.</param>
    /// <param name="Cause">Names the column and what to do.</param>
    public sealed record Broken(long Line, string? JourneyKey, Stage? To, string Cause) : FileLine(Line, JourneyKey);
}
