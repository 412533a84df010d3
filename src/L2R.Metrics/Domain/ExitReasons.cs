namespace L2R.Metrics.Domain;

/// <summary>Why the journeys of one lead ended, as the rows of their exits have it.</summary>
public static class ExitReasons
{
    /// <param name="rows">Every row of the lead that is known, also those that were superseded.</param>
    /// <returns>Of an exit that a journey took, the reason of its row. Empty where it has none.</returns>
    public static Func<Stay, string> Of(IReadOnlyList<Transition> rows, JourneyFacts journey)
    {
        // Few journeys end more than once: their rows are looked through when they are asked for.
        return exit => rows
            .Where(row => row.JourneyId == journey.JourneyId && row.To == exit.Stage && row.OccurredAt == exit.Entered
                && !rows.Any(other => other.Supersedes == row.TransitionId))
            .Min(Transition.Order)?.Reason ?? "";
    }
}
