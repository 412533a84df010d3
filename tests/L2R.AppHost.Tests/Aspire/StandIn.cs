namespace L2R.AppHost.Tests.Aspire;

static class StandIn
{
    /// <summary>Whether these packages are those of a closed registry.</summary>
    public static bool IsUsed => typeof(DistributedApplication).Assembly.GetType("Aspire.Hosting.Dashboard.DashboardHost") is not null;
}
