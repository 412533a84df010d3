using System.Runtime.InteropServices;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>How long journeys stand in one stage: those that left it, and those that are there.</summary>
sealed class StageVisits(Stage stage, JourneyScope scope)
{
    const int MostShown = 10;

    static readonly Comparer<OpenJourney> OldestFirst = Comparer<OpenJourney>.Create((left, right) =>
        right.Age.CompareTo(left.Age) is not 0 and var order ? order : left.JourneyId.CompareTo(right.JourneyId));

    readonly List<long> _latest = [];
    readonly List<long> _cumulative = [];
    readonly List<long> _ages = [];
    readonly SortedSet<OpenJourney> _oldest = new(OldestFirst);
    long _open;
    long _inferred;

    public void Add(JourneyFacts journey)
    {
        var (isFirst, isCounted, isWon) = (true, false, false);
        var (latest, sum) = (0L, 0L);
        foreach (ref readonly var stay in journey.StaySpan)
        {
            // After a win an entry moves nothing: the journey does not come to stand there.
            if (stay.Stage == stage && !isWon)
            {
                if (isFirst)
                {
                    (isFirst, isCounted) = (false, scope.InTime(stay.Entered) && scope.Matches(journey, stay.Values));
                }
                if (stay.Left is null)
                {
                    AddOpen(journey, stay);
                    _open += isCounted ? 1 : 0;
                    return;
                }
                latest = (stay.Left.Value - stay.Entered).Ticks;
                sum += latest;
            }
            isWon |= stay.Stage == Stage.ClosedWon;
        }

        if (isCounted)
        {
            _latest.Add(latest);
            _cumulative.Add(sum);
        }
        else if (isFirst && scope.Reach(journey, stage) is not null)
        {
            _inferred++;
        }
    }

    public void Add(StageVisits other)
    {
        _latest.AddRange(other._latest);
        _cumulative.AddRange(other._cumulative);
        _ages.AddRange(other._ages);
        _open += other._open;
        _inferred += other._inferred;
        foreach (var open in other._oldest)
        {
            AddOldest(open);
        }
    }

    public StageAge ToAge()
    {
        var placed = 0;
        TimeSpan? At(double share) =>
            Quantile.Select(CollectionsMarshal.AsSpan(_ages), share, ref placed) is { } ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : null;
        return new StageAge(stage, _ages.Count, At(0.5), At(0.9), [.. _oldest]);
    }

    public StageDwell ToDwell() => new(stage, Spread.Of(_latest), Spread.Of(_cumulative), _open, _inferred);

    /// <summary>What is open now is open whenever it came: only the filters choose.</summary>
    void AddOpen(JourneyFacts journey, in Stay stay)
    {
        if (!scope.Matches(journey, stay.Values))
        {
            return;
        }
        var age = scope.AsOf - stay.Entered;
        _ages.Add(age.Ticks);
        if (_oldest.Count == MostShown && age < _oldest.Max!.Age)
        {
            return; // as nearly all of them
        }
        AddOldest(new OpenJourney(journey.LeadId, journey.JourneyId, stay.Entered, age));
    }

    void AddOldest(OpenJourney open)
    {
        _oldest.Add(open);
        if (_oldest.Count > MostShown)
        {
            _oldest.Remove(_oldest.Max!);
        }
    }
}
