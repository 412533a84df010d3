namespace L2R.Metrics.Domain.Statistics;

/// <summary>A curve of conversion that many times are read from.</summary>
public sealed class IncidenceCurve
{
    readonly Followed _followed;
    readonly List<AalenJohansen.Step> _steps;

    /// <param name="followed">Is sorted, and not to be added to from then on.</param>
    public IncidenceCurve(Followed followed)
    {
        _followed = followed;
        Ascending.Sort(followed.Conversions);
        Ascending.Sort(followed.Ends);
        Ascending.Sort(followed.Censored);
        _steps = [.. AalenJohansen.Steps(followed.Conversions, followed.Ends, followed.Censored)];
    }

    /// <summary>How many were followed up to a time in ticks, and neither converted nor ended before it.</summary>
    public long AtRisk(long time) =>
        AalenJohansen.CountFrom(_followed.Conversions, time) + AalenJohansen.CountFrom(_followed.Ends, time) + AalenJohansen.CountFrom(_followed.Censored, time);

    /// <summary>(F(age + ahead) − F(age))/S(age): the chance to convert in the time ahead of those to which nothing has happened at an age.</summary>
    /// <returns>0 to 1. Null where the curve has nobody left at that age.</returns>
    public double? Chance(long age, long ahead)
    {
        var (now, then) = (Last(age), Last(age + ahead));
        var survival = now < 0 ? 1 : _steps[now].SurvivalAfter;
        return survival <= 0 ? null : (Incidence(then) - Incidence(now)) / survival;
    }

    double Incidence(int step) => step < 0 ? 0 : _steps[step].Incidence;

    /// <summary>The last step at or before a time; -1 before the first.</summary>
    int Last(long time)
    {
        var (low, high) = (0, _steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _steps[middle].Time <= time ? (middle + 1, high) : (low, middle);
        }
        return low - 1;
    }
}
