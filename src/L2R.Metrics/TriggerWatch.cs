using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace L2R.Metrics;

/// <summary>Settings under <c>Triggers</c>.</summary>
sealed class TriggerOptions
{
    /// <summary>How often each replica asks for triggers that are due: one look into an index. 10 s unless set; 50 ms to an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Looks now and then whether a trigger is due.</summary>
sealed partial class TriggerWatch(TriggerRun run, IOptions<TriggerOptions> options, TimeProvider clock, ILogger<TriggerWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        do
        {
            try
            {
                await run.RunAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception); // a trigger that fails keeps its lease a while, so the others come first
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 300, EventName = "triggers.failed", Level = LogLevel.Warning, Message = "A trigger that is due could not be looked at; it is tried again.")]
    partial void LogFailed(Exception exception);
}
