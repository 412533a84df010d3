namespace L2R.AppHost.Stack;

/// <summary>When a resource that crashed is started again: after 1 s, then 2, 4, … up to 30 s; from 1 s again once it was healthy for a minute.</summary>
sealed class CrashRestarts
{
    static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);

    DateTimeOffset? _healthySince;
    TimeSpan _next = FirstDelay;

    /// <summary>How often it was started again in all.</summary>
    public int Count { get; private set; }

    /// <summary>How often it crashed since it was last healthy for a minute.</summary>
    public int InARow { get; private set; }

    public void OnHealth(bool isHealthy, DateTimeOffset now) => _healthySince = isHealthy ? _healthySince ?? now : null;

    /// <returns>How long to wait before the next start.</returns>
    public TimeSpan OnCrash(DateTimeOffset now)
    {
        if (_healthySince is { } since && now - since >= Forgiven)
        {
            _next = FirstDelay;
            InARow = 0;
        }
        _healthySince = null;
        InARow++;
        Count++;
        var delay = _next;
        _next = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        return delay;
    }
}
