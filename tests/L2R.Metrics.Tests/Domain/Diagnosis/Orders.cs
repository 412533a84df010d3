namespace L2R.Metrics.Tests.Domain.Diagnosis;

static class Orders
{
    /// <summary>Every order of some changes.</summary>
    public static IEnumerable<int[]> Of(int[] changes) =>
        changes.Length == 0 ? [[]] : changes.SelectMany(first => Of([.. changes.Where(other => other != first)]).Select(rest => (int[])[first, .. rest]));
}
