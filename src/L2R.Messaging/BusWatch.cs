using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2R.Messaging;

/// <summary>Starts the bus anew where it does not come back by itself after its broker did.</summary>
/// <remarks>
/// MassTransit connects again by itself, but a receive endpoint whose connection breaks a second time while it is being set up may
/// give up for good, without a word (MassTransit issue 6001); and it waits up to 30 s between two tries. Either way the relay of this
/// replica, which waits for the whole bus, would stand still.
/// </remarks>
/// <param name="isHealthy">Whether the bus is connected, with all its queues.</param>
/// <param name="brokerAnswers">Whether a new connection to the broker works.</param>
sealed partial class BusWatch(
    Func<bool> isHealthy, Func<CancellationToken, Task<bool>> brokerAnswers, Func<CancellationToken, Task> restart, TimeProvider clock, ILogger<BusWatch> logger)
    : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);
    static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LastPatience = TimeSpan.FromMinutes(2);

    bool _wasHealthy;
    long? _answeredAt;
    TimeSpan _patience = FirstPatience;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    /// <summary>Starts the bus anew when it has not come back though the broker has answered for 10 s; after that for twice as long each time, up to 2 minutes.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (isHealthy())
        {
            (_wasHealthy, _answeredAt, _patience) = (true, null, FirstPatience);
            return;
        }
        if (!_wasHealthy)
        {
            return; // it is still starting
        }
        if (!await brokerAnswers(cancellationToken))
        {
            _answeredAt = null;
            return;
        }
        _answeredAt ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_answeredAt.Value) < _patience)
        {
            return;
        }
        LogRestart(_patience.TotalSeconds);
        try
        {
            await restart(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRestartFailed(exception);
        }
        _answeredAt = null;
        _patience = _patience * 2 < LastPatience ? _patience * 2 : LastPatience;
    }

    /// <summary>Stops the bus, without waiting long for what it has in hand (it is delivered again), and starts it.</summary>
    public static async Task RestartAsync(IBusControl bus, CancellationToken cancellationToken)
    {
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            limit.CancelAfter(TimeSpan.FromSeconds(10));
            await bus.StopAsync(limit.Token);
        }
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            await bus.StartAsync(limit.Token);
        }
    }

    [LoggerMessage(EventId = 110, EventName = "bus.restarting", Level = LogLevel.Warning,
        Message = "The broker has answered for {Seconds} s and the bus is not back: it is started anew.")]
    partial void LogRestart(double seconds);

    [LoggerMessage(EventId = 111, EventName = "bus.restart.failed", Level = LogLevel.Warning, Message = "The bus could not be started anew; it is tried again.")]
    partial void LogRestartFailed(Exception exception);
}
