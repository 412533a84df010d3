using LogLine = L2R.AppHost.Stack.LogLine;

namespace L2R.AppHost.Tests.Stack;

public sealed class LogLineTests
{
    [Theory]
    [InlineData(
        """{"Timestamp":"2026-01-31T12:00:00.000Z","EventId":7,"LogLevel":"Error","Category":"L2R","Message":"It broke.","Exception":"System.IO.IOException: disk full\n   at L2R.X()","State":{}}""",
        "2026-01-31T12:00:00.000Z Error It broke. | System.IO.IOException: disk full")]
    [InlineData(
        """{"Timestamp":"2026-01-31T12:00:00.000Z","LogLevel":"Warning","Message":"Slow."}""", "2026-01-31T12:00:00.000Z Warning Slow.")]
    [InlineData("""{"Message":"cut o""", """{"Message":"cut o""")]
    [InlineData("""{"event":"of another program"}""", """{"event":"of another program"}""")]
    [InlineData("Unhandled exception. System.Exception", "Unhandled exception. System.Exception")]
    public void A_line_of_a_service_is_its_time_level_message_and_exception_and_another_stays_as_it_is(string line, string rendered) =>
        Assert.Equal(rendered, LogLine.Render(line));
}
