using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;

namespace L2R.Cli.Imports;

/// <summary>Reads the cells of one line as a past touch, by a map.</summary>
/// <param name="now">No touch may have happened after it.</param>
sealed class TouchRowReader(ImportMap map, string[] header, DateTimeOffset now) : CellReader(map, header)
{
    readonly Dictionary<string, long> _touchesOfLead = [];

    /// <param name="cells">As many as the header has, unless there is a problem.</param>
    /// <param name="problem">Why the line is none.</param>
    /// <returns>The touch, or why the line is refused.</returns>
    public (ImportedTouchpoint? Touch, Refusal? Refusal) Read(long line, string[] cells, string? problem)
    {
        var leadKey = Value(cells, "lead_key");
        var isKeyed = Map.Columns.ContainsKey("touch_key");
        // Without a key of its own a touch is the so-many-th of its lead in the file; a broken line is one too.
        var number = _touchesOfLead.GetValueOrDefault(leadKey);
        _touchesOfLead[leadKey] = number + 1;
        if (problem is not null)
        {
            return (null, new Refusal(line, "LINE_INVALID", $"the line {problem}"));
        }
        var (occurTime, timeProblem) = OccurredAt(cells, now);
        var (cost, costProblem) = Amount(cells, "cost");
        var engagement = Value(cells, "engagement");
        var touch = new ImportedTouchpoint
        {
            Line = line,
            SourceKey = isKeyed ? Value(cells, "touch_key") : leadKey,
            SourceSeq = isKeyed ? 0 : number,
            LeadKey = leadKey,
            Kind = Value(cells, "kind"),
            OccurTime = occurTime?.ToTimestamp(),
            Channel = Value(cells, "channel"),
            Campaign = Value(cells, "campaign"),
            Engagement = engagement == "true",
            Cost = cost,
        };
        string?[] problems =
        [
            Length("lead_key", leadKey, 1, 200),
            isKeyed ? Length("touch_key", touch.SourceKey, 1, 200) : null,
            Length("campaign", touch.Campaign, 0, 200),
            engagement is "" or "true" or "false" ? null : $"{Name("engagement")} must be true or false, not '{engagement}'",
            timeProblem,
            costProblem,
        ];
        var found = string.Join("; ", problems.OfType<string>().Distinct());
        return found.Length == 0 ? (touch, null) : (null, new Refusal(line, "LINE_INVALID", found));
    }
}
