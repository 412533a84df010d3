namespace L2R.Messaging;

/// <summary>Wakes the relay of this process after a commit. A hint only: a lost ring costs one poll interval.</summary>
public sealed class OutboxSignal : IDisposable
{
    readonly SemaphoreSlim _bell = new(0, 1);

    public void Ring()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
    }

    /// <summary>Waits for a ring, at most <paramref name="atMost"/>.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _bell.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _bell.Dispose();
}
