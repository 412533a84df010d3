using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Statistics;

/// <summary>What came of those who still stood at a stage at an age: asked at any age, each time of them alone.</summary>
/// <remarks>
/// Who had gone on by that age is left out, so that it says something of who stands there now. Landmarking: van Houwelingen, Dynamic Prediction by Landmarking
/// in Event History Analysis, Scandinavian Journal of Statistics 34 (2007); <see cref="AalenJohansen"/> from the age on.
/// </remarks>
public sealed class Landmarks
{
    // In ticks since the stage was reached: when the journey went on or ended, and until when it was followed.
    readonly List<(long Stood, long Until)> _won = [];
    readonly List<(long Stood, long Until)> _ended = [];
    readonly List<(long Stood, long Until)> _open = [];
    bool _isSorted;

    /// <summary>Journeys added.</summary>
    public long Count { get; private set; }

    /// <summary>Of them those that were won.</summary>
    public long Won { get; private set; }

    /// <param name="journey">At risk at the stage.</param>
    /// <param name="stage">LEAD to OPPORTUNITY, the same each time.</param>
    public void Add(JourneyFacts journey, Stage stage, DateTimeOffset asOf)
    {
        var reached = journey.Reach(stage)!.Value.At;
        var (won, ended) = (journey.Reach(Stage.ClosedWon)?.At, journey.EndedAt);
        var until = ((won ?? ended ?? asOf) - reached).Ticks;
        (won is not null ? _won : ended is not null ? _ended : _open).Add((journey.Reach(stage + 1) is { } next ? (next.At - reached).Ticks : until, until));
        Count++;
        Won += won is null ? 0 : 1;
    }

    /// <summary>The oldest age at which so many stood there; null where not so many ever did. To be asked before any chance.</summary>
    /// <param name="count">1 or more.</param>
    public long? OldestOf(int count)
    {
        var longest = new PriorityQueue<bool, long>(count);
        foreach (var (stood, _) in _won.Concat(_ended).Concat(_open))
        {
            if (longest.Count < count)
            {
                longest.Enqueue(true, stood);
            }
            else
            {
                longest.EnqueueDequeue(true, stood);
            }
        }
        return longest.Count == count && longest.TryPeek(out _, out var oldest) ? oldest : null;
    }

    /// <summary>The chance to be won in the time ahead, of those who stood there still at an age.</summary>
    /// <param name="age">In ticks, 0 or more, and not less than the one before: who stood there shorter is forgotten, which keeps a hundred ages cheap.</param>
    /// <param name="ahead">In ticks, over 0.</param>
    /// <returns>0 to 1. Null where nobody was followed beyond that age.</returns>
    public double? Chance(long age, long ahead)
    {
        foreach (var times in new[] { _won, _ended, _open })
        {
            times.RemoveAll(time => time.Stood <= age);
            if (!_isSorted)
            {
                times.Sort((left, right) => left.Until.CompareTo(right.Until));
            }
        }
        _isSorted = true;
        var (won, ended, open) = (_won.ConvertAll(time => time.Until), _ended.ConvertAll(time => time.Until), _open.ConvertAll(time => time.Until));
        return won.Count + ended.Count + open.Count == 0
            ? null
            : AalenJohansen.Steps(won, ended, open).TakeWhile(step => step.Time - age <= ahead).LastOrDefault().Incidence;
    }
}
