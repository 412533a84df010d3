using L2R.Cli.Simulation;

namespace L2R.Cli.Tests.Simulation;

public sealed class PortableMathTests
{
    [Fact]
    public void Is_as_exact_as_the_machines_own()
    {
        var random = new SeededRandom(seed: 1, stream: 0);
        for (var i = 0; i < 10_000; i++)
        {
            var x = (random.NextUnit() * 60) - 30;
            Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-14);
            Assert.Equal(x, PortableMath.Log(Math.Exp(x)), 1e-13);
        }
    }

    // The first numbers of xoshiro256** from the state 1, 2, 3, 4, as its authors' C program prints them.
    [Fact]
    public void The_generator_is_the_one_that_it_says() =>
        Assert.Equal([11520, 0, 1509978240, 1215971899390074240], Enumerable.Repeat(SeededRandom.OfState(1, 2, 3, 4), 4).Select(random => random.NextBits()));

    [Fact]
    public void Normal_numbers_have_the_moments_and_the_tails_of_the_normal_distribution()
    {
        const int count = 200_000;
        var random = new SeededRandom(seed: 5, stream: 0);
        var drawn = Enumerable.Range(0, count).Select(_ => random.NextNormal()).ToList();

        Assert.Equal(0, drawn.Average(), 4 / Math.Sqrt(count));
        Assert.Equal(1, drawn.Average(z => z * z), 4 * Math.Sqrt(2.0 / count));
        foreach (var limit in new[] { -2.5, -1, 0.5, 2 })
        {
            var expected = DelayGrid.Normal(limit);
            Assert.Equal(expected, drawn.Count(z => z <= limit) / (double)count, 4 * Math.Sqrt(expected * (1 - expected) / count));
        }
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(-1.2815515655446004, 0.1)]
    [InlineData(-3, 0.0013498980316301)]
    [InlineData(9, 1)]
    public void The_normal_distribution_has_its_known_values(double z, double probability) => Assert.Equal(probability, DelayGrid.Normal(z), 1e-12);
}
