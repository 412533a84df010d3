using System.Globalization;

namespace L2R.Cli.Simulation;

/// <summary>What decides every row of a simulation.</summary>
/// <param name="Journeys">How many leads start a journey; those that come back start further ones.</param>
/// <param name="Months">Calendar months before <paramref name="Until"/> in which they start.</param>
/// <param name="Until">A midnight, UTC. What would happen later has not happened.</param>
sealed record SimulationOptions(long Journeys, int Months, long Seed, DateTimeOffset Until)
{
    public DateTimeOffset From => Until.AddMonths(-Months);

    public int Days => (Until - From).Days;

    /// <summary>The name under which the rows are imported: of other options other rows, so that they never meet.</summary>
    public string Source => string.Create(CultureInfo.InvariantCulture, $"simulation-{Seed}-{Journeys}-{Months}m-{Until:yyyyMMdd}");
}
