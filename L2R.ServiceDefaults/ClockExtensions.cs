namespace L2R.ServiceDefaults;

public static class ClockExtensions
{
    /// <summary>The time in the microseconds that PostgreSQL keeps. .NET ticks are ten times finer.</summary>
    /// <remarks>Without this, a value differs from itself once it has been stored and read back.</remarks>
    public static DateTimeOffset GetStorableNow(this TimeProvider clock) => clock.GetUtcNow().ToStorable();

    /// <summary>The instant in UTC, cut to microseconds.</summary>
    public static DateTimeOffset ToStorable(this DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
