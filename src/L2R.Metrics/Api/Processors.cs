using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Api;

/// <summary>The processors of this machine, as those who do an answer's work.</summary>
static class Processors
{
    public static Workers All { get; } = new(Environment.ProcessorCount, (pieces, work) => Parallel.For(0, pieces, work));
}
