namespace L2R.Metrics.Domain;

/// <summary>The targets of one tenant: which is in force when, and which cannot stand beside each other.</summary>
public sealed class Targets(IReadOnlyList<Target> all)
{
    /// <summary>What a pair aims at: of each kind of goal one target at most, in the order volume, conversion, velocity.</summary>
    /// <param name="segment">Null: the targets of all journeys, not those of segments.</param>
    public IReadOnlyList<Target> InForce(DateTimeOffset at, Pair pair, Segment? segment = null) =>
    [
        .. InForce(at).Where(target => target.Details.Pair == pair && target.Details.Segment == segment).OrderBy(target => target.Details.Goal switch
        {
            Goal.Volume => 0,
            Goal.Conversion => 1,
            _ => 2,
        }),
    ];

    /// <summary>Every target in force at an instant.</summary>
    public IEnumerable<Target> InForce(DateTimeOffset at) => all
        .Where(target => target.Details.From <= at && !(target.Details.Until <= at))
        // Of a row the last one that has begun: it ended those before it.
        .Where(target => !all.Any(other => other.Details.IsOfSameRow(target.Details) && other.Details.From > target.Details.From && other.Details.From <= at));

    /// <summary>The target that another one cannot stand beside; null where there is none.</summary>
    /// <param name="id">Of the wanted one: it does not stand in its own way.</param>
    public Target? InTheWayOf(Guid id, TargetDetails wanted) =>
        all.FirstOrDefault(target => target.Id != id && target.Details.Overlaps(wanted));
}
