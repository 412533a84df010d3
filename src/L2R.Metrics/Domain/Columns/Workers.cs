namespace L2R.Metrics.Domain.Columns;

/// <summary>Who does work that can be done beside each other. Whether they are threads is not for a rule to decide.</summary>
/// <param name="Count">How many there are, at least 1.</param>
/// <param name="Run">Does as many pieces as it is told, each by its number from 0 on, and returns when all are done.</param>
public sealed record Workers(int Count, Action<int, Action<int>> Run)
{
    /// <summary>Does one piece after the other.</summary>
    public static Workers One { get; } = new(1, (pieces, work) =>
    {
        for (var piece = 0; piece < pieces; piece++)
        {
            work(piece);
        }
    });
}
