using System.Runtime.ExceptionServices;
using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Api;

/// <summary>The processors of this machine, as those who do an answer's work.</summary>
static class Processors
{
    /// <summary>What one of them throws reaches the caller as it was thrown.</summary>
    public static Workers All { get; } = new(Environment.ProcessorCount, (pieces, work) =>
    {
        try
        {
            Parallel.For(0, pieces, work);
        }
        catch (AggregateException failed)
        {
            ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
        }
    });
}
