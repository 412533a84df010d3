using L2R.Messaging;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace L2R.Operations;

/// <summary>Not ready while this replica's relay or one of its consumers gets nowhere, and why.</summary>
sealed class FlowCheck(Listener listener, ConsumerProgress consumers, IOptions<OperationsOptions> options, RelayProgress? relay = null) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuckAfter = options.Value.StuckAfter;
        List<string> problems = [];
        if (relay?.Problem(stuckAfter) is { } stopped)
        {
            problems.Add($"{OutboxQueue.NameOf(listener)}: {stopped}");
        }
        problems.AddRange(
            from queue in listener.Queues
            let problem = consumers.ProblemOf(queue, stuckAfter)
            where problem is not null
            select $"{queue}: {problem}");
        return Task.FromResult(problems.Count == 0 ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, string.Join("; ", problems)));
    }
}
