using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>The chance of those who stand at a stage still, each factor of its definition counted anew.</summary>
static class NaiveLandmark
{
    /// <summary>How long the journey is known to have stood at the stage: until it went on or ended, or to the last look.</summary>
    public static TimeSpan Stood(JourneyFacts journey, Stage stage, DateTimeOffset asOf)
    {
        var later = Stages.Waterfall.Where(other => other > stage).Select(other => journey.Reach(other)?.At).Append(journey.EndedAt).Append(asOf);
        return later.Min()!.Value - journey.Reach(stage)!.Value.At;
    }

    public static double? Chance(IEnumerable<JourneyFacts> history, Stage stage, DateTimeOffset asOf, TimeSpan age, TimeSpan ahead)
    {
        var there = history.Where(journey => Stood(journey, stage, asOf) > age).ToList();
        var events = there.Where(IsOver).Select(Until).Distinct().Order().ToList();
        return there.Count == 0 ? null : events.Where(time => time <= age + ahead).Sum(time => Survival(time) * there.Count(journey => IsWon(journey) && Until(journey) == time) / Left(time));

        double Survival(TimeSpan before) => events.Where(time => time < before).Aggregate(
            1.0, (share, time) => share * (1 - (there.Count(journey => IsOver(journey) && Until(journey) == time) / Left(time))));
        double Left(TimeSpan time) => there.Count(journey => Until(journey) >= time);
        TimeSpan Until(JourneyFacts journey) => (journey.Reach(Stage.ClosedWon)?.At ?? journey.EndedAt ?? asOf) - journey.Reach(stage)!.Value.At;
        static bool IsWon(JourneyFacts journey) => journey.Reach(Stage.ClosedWon) is not null;
        static bool IsOver(JourneyFacts journey) => IsWon(journey) || journey.EndedAt is not null;
    }
}
