namespace L2R.Metrics.Domain;

/// <summary>The answer would have more groups than <see cref="WaterfallQuery.MaxGroups"/>.</summary>
/// <param name="max">How many it may have.</param>
/// <param name="longer">The shortest longer period of which there are few enough; null where none is, or none was asked for.</param>
/// <param name="from">From when on there are few enough of the period that was asked for; null where even one is too many, or none was asked for.</param>
public sealed class TooManyGroupsException(int max, PeriodKind? longer, DateTimeOffset? from)
    : Exception($"The answer would have more than {max} groups.")
{
    public int Max => max;

    public PeriodKind? Longer => longer;

    public DateTimeOffset? From => from;
}
