namespace L2R.Metrics.Domain;

/// <summary>One row of who is who: that two leads are one person, or that they are not after all. Rows are appended and never change.</summary>
/// <param name="MergeId">The undo of a merge has the id of the merge.</param>
/// <param name="Loser">From then on another name of the survivor.</param>
/// <param name="RecordedAt">When the ledger learnt of it. It holds for every instant, also of before: who is one person always was.</param>
public sealed record LeadMerge(Guid MergeId, Guid Loser, Guid Survivor, bool IsUndo, DateTimeOffset RecordedAt);
