using L2R.Ledger.Domain;

namespace L2R.Handoff.Domain;

/// <summary>What the imported rows of a journey say of its handoff.</summary>
/// <param name="Position">Where it stands: in the stage of its last row, since that row, after the highest sequence number.</param>
/// <param name="QueueTime">When it came to sales: its first row.</param>
/// <param name="AcceptTime">Null: never.</param>
/// <param name="QualifyTime">Null: never.</param>
public sealed record StageHistory(JourneyPosition Position, DateTimeOffset QueueTime, DateTimeOffset? AcceptTime, DateTimeOffset? QualifyTime)
{
    /// <param name="rows">In force, in any order.</param>
    /// <returns>Null where there are none.</returns>
    public static StageHistory? Fold(IReadOnlyCollection<JourneyPosition> rows)
    {
        if (rows.Count == 0)
        {
            return null;
        }
        var last = rows.MaxBy(row => (row.OccurTime, row.SourceSeq, row.Stage));
        return new StageHistory(
            last with { SourceSeq = rows.Max(row => row.SourceSeq) }, rows.Min(row => row.OccurTime), First(Stage.Sal), First(Stage.Sql));

        DateTimeOffset? First(Stage stage) => rows.Where(row => row.Stage == stage).Min(row => (DateTimeOffset?)row.OccurTime);
    }
}
