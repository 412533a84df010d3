using Xunit;

namespace L2R.TestSupport;

/// <summary>Waits for a condition, with a deadline.</summary>
public static class Eventually
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="what">Ends the sentence "Waited … for".</param>
    /// <param name="seconds">Generous: it is only waited for in full when the test fails.</param>
    public static async Task IsTrueAsync(string what, Func<Task<bool>> condition, int seconds = 30)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > TimeSpan.FromSeconds(seconds))
            {
                Assert.Fail($"Waited {seconds} s for {what}.");
            }
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Reads until the value is as expected; fails with the last one.</summary>
    public static async Task EqualAsync<T>(T expected, Func<Task<T>> read, int seconds = 30)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (EqualityComparer<T>.Default.Equals(expected, value))
            {
                return;
            }
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(seconds))
            {
                Assert.Equal(expected, value);
            }
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
