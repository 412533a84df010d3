using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2R.Messaging;

/// <summary>Starts the bus anew where it does not come back by itself after its broker did.</summary>
/// <remarks>
/// MassTransit connects again by itself, but a receive endpoint whose connection breaks a second time while it is being set up may
/// give up for good, without a word (MassTransit issue 6001); and it waits up to 30 s between two tries. Either way the relay of this
/// replica, which waits for the whole bus, would stand still. A start anew can fail for the same reason, then and whenever it is repeated ("The
/// receive endpoint was already started"); a new process does not, and whoever runs services starts one that ended by itself.
/// </remarks>
/// <param name="isHealthy">Whether the bus is connected, with all its queues.</param>
/// <param name="brokerAnswers">Whether a new connection to the broker works.</param>
/// <param name="end">Ends the process.</param>
sealed partial class BusWatch(
    Func<bool> isHealthy,
    Func<CancellationToken, Task<bool>> brokerAnswers,
    Func<CancellationToken, Task> restart,
    Action end,
    TimeProvider clock,
    ILogger<BusWatch> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan PatienceAfterRestart = TimeSpan.FromSeconds(20);

    bool _wasHealthy;
    bool _wasRestarted;
    long? _answeredAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    /// <summary>Starts the bus anew when it has not come back though the broker has answered for 10 s; ends the process when that has not helped 20 s later.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (isHealthy())
        {
            (_wasHealthy, _wasRestarted, _answeredAt) = (true, false, null);
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
        if (clock.GetElapsedTime(_answeredAt.Value) < (_wasRestarted ? PatienceAfterRestart : Patience))
        {
            return;
        }
        if (_wasRestarted)
        {
            LogEnd(PatienceAfterRestart.TotalSeconds);
            _wasHealthy = false; // said once
            end();
            return;
        }
        LogRestart(Patience.TotalSeconds);
        try
        {
            await restart(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRestartFailed(exception);
        }
        (_answeredAt, _wasRestarted) = (null, true);
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

    [LoggerMessage(EventId = 111, EventName = "bus.restart.failed", Level = LogLevel.Warning, Message = "The bus could not be started anew.")]
    partial void LogRestartFailed(Exception exception);

    [LoggerMessage(EventId = 112, EventName = "bus.lost", Level = LogLevel.Critical,
        Message = "The bus was started anew, the broker has answered for {Seconds} s since then, and the bus is not back: this process ends, another one has to take its place.")]
    partial void LogEnd(double seconds);
}
