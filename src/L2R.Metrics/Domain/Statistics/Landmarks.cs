using System.Runtime.InteropServices;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Statistics;

/// <summary>What came of those who still stood at a stage at an age: asked at any age, each time of them alone.</summary>
/// <remarks>
/// Who had gone on by that age is left out, so that it says something of who stands there now. Landmarking: van Houwelingen, Dynamic Prediction by Landmarking
/// in Event History Analysis, Scandinavian Journal of Statistics 34 (2007); <see cref="AalenJohansen"/> from the age on.
/// </remarks>
public sealed class Landmarks
{
    readonly Times _won = new();
    readonly Times _ended = new();
    readonly Times _open = new();
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
        (won is not null ? _won : ended is not null ? _ended : _open).Add(journey.Reach(stage + 1) is { } next ? (next.At - reached).Ticks : until, until);
        Count++;
        Won += won is null ? 0 : 1;
    }

    /// <summary>Adds what others have of the same stage. Before anything is asked.</summary>
    public void Add(Landmarks other)
    {
        _won.Add(other._won);
        _ended.Add(other._ended);
        _open.Add(other._open);
        Count += other.Count;
        Won += other.Won;
    }

    /// <summary>The oldest age at which so many stood there; null where not so many ever did. To be asked before any chance.</summary>
    /// <param name="count">1 or more.</param>
    public long? OldestOf(int count)
    {
        var longest = new PriorityQueue<bool, long>(count);
        foreach (var stood in _won.Stood.Concat(_ended.Stood).Concat(_open.Stood))
        {
            if (longest.Count < count)
            {
                longest.Enqueue(true, stood);
            }
            else if (longest.TryPeek(out _, out var shortest) && stood > shortest)
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
        Times[] all = [_won, _ended, _open];
        foreach (var times in all)
        {
            times.Forget(age);
            if (!_isSorted)
            {
                times.Sort();
            }
        }
        _isSorted = true;
        var count = all.Sum(times => (long)times.Stood.Count);
        // Who was followed for longer is at risk all the time: most of them, and none is looked at.
        List<long>[] near = [.. all.Select(times => times.Until(age + ahead))];
        return count == 0
            ? null
            : AalenJohansen.Steps(near[0], near[1], near[2], count - near.Sum(times => (long)times.Count)).LastOrDefault().Incidence;
    }

    /// <summary>In ticks since the stage was reached: when each journey went on or ended, and until when it was followed.</summary>
    sealed class Times
    {
        readonly List<long> _until = [];

        public List<long> Stood { get; } = [];

        public void Add(long stood, long until)
        {
            Stood.Add(stood);
            _until.Add(until);
        }

        public void Add(Times other)
        {
            Stood.AddRange(other.Stood);
            _until.AddRange(other._until);
        }

        /// <summary>By how long they were followed.</summary>
        public void Sort() => CollectionsMarshal.AsSpan(_until).Sort(CollectionsMarshal.AsSpan(Stood));

        /// <summary>Leaves out those who did not stand there beyond an age.</summary>
        public void Forget(long age)
        {
            var stood = CollectionsMarshal.AsSpan(Stood);
            var until = CollectionsMarshal.AsSpan(_until);
            var kept = 0;
            for (var index = 0; index < stood.Length; index++)
            {
                (stood[kept], until[kept]) = (stood[index], until[index]);
                kept += stood[kept] > age ? 1 : 0;
            }
            CollectionsMarshal.SetCount(Stood, kept);
            CollectionsMarshal.SetCount(_until, kept);
        }

        /// <summary>Those times of following that are not longer than one. Of sorted ones.</summary>
        public List<long> Until(long longest)
        {
            var (low, high) = (0, _until.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _until[middle] <= longest ? (middle + 1, high) : (low, middle);
            }
            return _until[..low];
        }
    }
}
