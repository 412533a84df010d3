using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class AscendingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void Values_come_in_order_whatever_their_range(int count)
    {
        var random = new Random(count);
        Func<long>[] draws =
        [
            () => random.NextInt64(), () => random.NextInt64(long.MinValue, long.MaxValue), () => random.Next(5), () => random.Next(-3_000, 3_000),
            () => (long)(Math.Exp(random.NextDouble() * 5) * TimeSpan.TicksPerDay), () => random.Next(2) == 0 ? long.MinValue : long.MaxValue, () => 7,
        ];
        foreach (var draw in draws)
        {
            List<long> values = [.. Enumerable.Range(0, count).Select(_ => draw())];
            List<long> expected = [.. values.Order()];

            Ascending.Sort(values);

            Assert.Equal(expected, values);
        }
    }
}
