using System.ComponentModel.DataAnnotations;

namespace L2R.Operations;

/// <summary>Section <c>Operations</c> of the configuration. A bad value stops the host at start.</summary>
public sealed class OperationsOptions
{
    /// <summary>How long one message may be tried, or the outbox stand still, before readiness turns red, 1 s to 1 hour. The default is 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long request ids are remembered: a retry within that time gets the first answer. 1 hour to 365 days; the default is 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan RequestRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long handled messages are remembered: longer than the broker may deliver one again. 1 hour to 365 days; the default is 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan InboxRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often what is too old is deleted, 1 s to 1 day. The default is 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromHours(1);
}
