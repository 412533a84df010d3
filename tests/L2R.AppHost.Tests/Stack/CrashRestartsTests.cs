using L2R.AppHost.Stack;

namespace L2R.AppHost.Tests.Stack;

public sealed class CrashRestartsTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Doubles_the_wait_up_to_half_a_minute()
    {
        var restarts = new CrashRestarts();

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => restarts.OnCrash(Noon).TotalSeconds));
        Assert.Equal((7, 7), (restarts.Count, restarts.InARow));
    }

    [Theory]
    [InlineData(59.999, 2, 2)]
    [InlineData(60, 1, 1)]
    public void Begins_anew_after_a_healthy_minute(double healthySeconds, double wait, int inARow)
    {
        var restarts = new CrashRestarts();
        restarts.OnCrash(Noon);
        restarts.OnHealth(isHealthy: true, Noon);
        restarts.OnHealth(isHealthy: true, Noon.AddSeconds(30));

        Assert.Equal(wait, restarts.OnCrash(Noon.AddSeconds(healthySeconds)).TotalSeconds);
        Assert.Equal((2, inARow), (restarts.Count, restarts.InARow));
    }

    [Fact]
    public void Counts_health_from_its_last_beginning()
    {
        var restarts = new CrashRestarts();
        restarts.OnCrash(Noon);
        restarts.OnHealth(isHealthy: true, Noon);
        restarts.OnHealth(isHealthy: false, Noon.AddSeconds(50));
        restarts.OnHealth(isHealthy: true, Noon.AddSeconds(51));

        Assert.Equal(2, restarts.OnCrash(Noon.AddSeconds(70)).TotalSeconds);
    }
}
