using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace L2R.Operations;

/// <summary>Deletes what is remembered for a while only: request ids and handled messages.</summary>
/// <remarks>Several replicas may do it at once: each deletes what it finds, in small transactions.</remarks>
sealed partial class Retention(NpgsqlDataSource dataSource, IOptions<OperationsOptions> options, TimeProvider clock, ILogger<Retention> logger)
    : BackgroundService
{
    const int BatchSize = 5_000;

    readonly OperationsOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.RetentionInterval, clock);
        do
        {
            try
            {
                var now = clock.GetUtcNow();
                var requests = await ForgetAsync("SELECT l2r_forget_requests($1, $2)", now - _options.RequestRetention, stoppingToken);
                var messages = await ForgetAsync("SELECT l2r_forget_messages($1, $2)", now - _options.InboxRetention, stoppingToken);
                if (requests + messages > 0)
                {
                    LogForgotten(requests, messages);
                }
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception); // the next round catches up
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task<long> ForgetAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var total = 0L;
        while (true)
        {
            await using var command = dataSource.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchSize });
            var count = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
            total += count;
            if (count < BatchSize)
            {
                return total;
            }
        }
    }

    [LoggerMessage(EventId = 200, EventName = "retention.done", Level = LogLevel.Information,
        Message = "Forgot {Requests} request ids and {Messages} handled messages.")]
    partial void LogForgotten(long requests, long messages);

    [LoggerMessage(EventId = 201, EventName = "retention.failed", Level = LogLevel.Warning, Message = "What is too old could not be deleted; it is tried again.")]
    partial void LogFailed(Exception exception);
}
