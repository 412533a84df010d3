using System.ComponentModel.DataAnnotations;

namespace L2R.Messaging;

/// <summary>Section <c>Outbox</c> of the configuration. A bad value stops the host at start.</summary>
public sealed class OutboxOptions
{
    /// <summary>Events per transaction, 1 to 1000. The default is 64: an event of history is some 100 KB, and all of a batch are in memory at once.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Wait between looks at an empty outbox when nothing rings, 10 ms to 1 minute. The default is 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long one batch may take to be confirmed by the broker, 1 s to 5 minutes. The default is 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConfirmTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
