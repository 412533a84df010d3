namespace L2R.Cli.Imports;

/// <summary>A line that is not taken in.</summary>
/// <param name="Reason">The rule, in UPPER_SNAKE_CASE.</param>
/// <param name="Message">Names the column or the move, and what to do.</param>
sealed record Refusal(long Line, string Reason, string Message)
{
    /// <summary>Later lines of the journey that fail because of this one: no move leads to them without it.</summary>
    public List<long> LaterLines { get; } = [];
}
