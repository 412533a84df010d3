using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>One row of a simulated journey.</summary>
/// <param name="At">To the millisecond.</param>
/// <param name="Rep">Who did it; null before sales.</param>
/// <param name="Reason">Of exits; else empty.</param>
/// <param name="Amount">EUR; of opportunities and their closes.</param>
sealed record SimulatedRow(Stage To, DateTimeOffset At, string? Rep, string Reason, decimal? Amount);

/// <summary>One contact with a lead, for attribution and cost.</summary>
/// <param name="Cost">EUR.</param>
sealed record Touch(string Channel, string Campaign, DateTimeOffset At, decimal Cost);

/// <summary>One pass of a simulated lead down the waterfall, as far as it has come.</summary>
/// <param name="Lead">The lead's number, from 0.</param>
/// <param name="Number">1 for the lead's first journey.</param>
/// <param name="Rows">At least one, each later than the one before.</param>
/// <param name="Late">The index of the row that is told late; null: none.</param>
/// <param name="Wrong">The index of the row that is told wrong at first; null: none.</param>
sealed record SimulatedJourney(
    long Lead, int Number, ChannelTruth Channel, SegmentTruth Segment, string Campaign, IReadOnlyList<SimulatedRow> Rows, int? Late, int? Wrong)
{
    /// <summary>The row as it is told at first: where it is <see cref="Wrong"/>, too early and with too large an amount.</summary>
    public SimulatedRow FirstTold(int index)
    {
        var row = Rows[index];
        if (index != Wrong)
        {
            return row;
        }
        var previous = Rows[index - 1].At;
        return row with { At = previous.AddMilliseconds(Math.Floor((row.At - previous).TotalMilliseconds / 2)), Amount = row.Amount + 1_000 };
    }

    /// <summary>Where the journey stands before each of its rows; after a win it stays won.</summary>
    /// <param name="without">The index of a row that is left out.</param>
    public Dictionary<int, Stage?> Froms(int? without = null)
    {
        Stage? stands = null;
        var froms = new Dictionary<int, Stage?>();
        foreach (var (index, row) in Rows.Index().Where(row => row.Index != without))
        {
            froms[index] = stands;
            stands = stands == Stage.ClosedWon ? stands : row.To;
        }
        return froms;
    }
}
