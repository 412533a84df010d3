namespace L2R.Ledger.Domain;

/// <summary>Where a journey can stand: a stage of the waterfall, or an exit from it.</summary>
public enum Stage
{
    Lead = 0,
    Mql,
    Sal,
    Sql,
    Opportunity,
    ClosedWon,
    Disqualified,

    /// <summary>Sales says no.</summary>
    Rejected,

    /// <summary>Back to nurture.</summary>
    Recycled,
    ClosedLost,
}

/// <summary>What follows from a stage alone.</summary>
public static class Stages
{
    const int ExitRank = 6;

    static readonly string[] Names =
        ["LEAD", "MQL", "SAL", "SQL", "OPPORTUNITY", "CLOSED_WON", "DISQUALIFIED", "REJECTED", "RECYCLED", "CLOSED_LOST"];

    /// <summary>The stages and then the exits, in the order of the waterfall.</summary>
    public static IReadOnlyList<Stage> All { get; } = Enum.GetValues<Stage>();

    /// <summary>LEAD to CLOSED_WON. A stage's index here is its rank.</summary>
    public static IReadOnlyList<Stage> Waterfall { get; } = [.. All.Where(IsStage)];

    public static IReadOnlyList<Stage> Exits { get; } = [.. All.Where(IsExit)];

    /// <returns>0 to 5 down the waterfall; 6 for every exit.</returns>
    public static int Rank(this Stage stage) => stage.IsExit() ? ExitRank : (int)stage;

    public static bool IsExit(this Stage stage) => stage is >= Stage.Disqualified and <= Stage.ClosedLost;

    public static bool IsStage(this Stage stage) => stage is >= Stage.Lead and <= Stage.ClosedWon;

    /// <returns>The name in contracts, files and answers, such as <c>CLOSED_WON</c>.</returns>
    public static string Name(this Stage stage) => Names[(int)stage];

    /// <summary>Reads a name as <see cref="Name"/> writes it. Nothing else is taken: no other case, no number.</summary>
    public static bool TryParse(string? name, out Stage stage)
    {
        var index = Array.IndexOf(Names, name);
        stage = index >= 0 ? (Stage)index : default;
        return index >= 0;
    }
}
