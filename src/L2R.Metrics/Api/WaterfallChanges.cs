using L2R.Metrics.V1;

namespace L2R.Metrics.Api;

/// <summary>What tells one answer of the waterfall from the one before.</summary>
static class WaterfallChanges
{
    /// <param name="before">Null: there is none, all of it is new.</param>
    /// <param name="now">Of the same question.</param>
    public static StreamWaterfallResponse Between(V1.Waterfall? before, V1.Waterfall now)
    {
        if (before is null)
        {
            return new() { Waterfall = now, Complete = true };
        }
        var earlier = before.Groups.ToDictionary(KeyOf);
        var changes = now.Clone();
        changes.Groups.Clear();
        changes.Groups.AddRange(now.Groups.Where(group => !earlier.Remove(KeyOf(group), out var same) || !same.Equals(group)));
        return new() { Waterfall = changes, RemovedGroups = { earlier.Values.Select(KeyOf) } };
    }

    /// <summary>Whether it says anything but the instant at which it is said.</summary>
    public static bool HasNews(this StreamWaterfallResponse response, V1.Waterfall? before) =>
        response.Complete
        || response.Waterfall.Groups.Count > 0
        || response.RemovedGroups.Count > 0
        || response.Waterfall.JourneyCount != before?.JourneyCount;

    static V1.WaterfallGroup KeyOf(V1.WaterfallGroup group) => new() { Period = group.Period, Dimensions = { group.Dimensions } };
}
