using L2R.Cli.Testing;

namespace L2R.Cli.Tests;

public sealed class TestReportTests
{
    [Theory]
    [InlineData(12, 0, 0, "12 passed, 0 failed")]
    [InlineData(12, 1, 3, "3 skipped", "12 passed, 1 failed")]
    public void Sums_up_in_the_last_line_which_continuous_integration_reads(int passed, int failed, int skipped, params string[] lines) =>
        Assert.Equal(lines, new TestCounts(passed, failed, skipped).ToLastLines());

    [Fact]
    public void Reads_counts_and_failures_with_their_output()
    {
        var report = TestReport.Parse("""
            <assemblies>
              <assembly name="a.dll" total="5" passed="2" failed="1" skipped="1" not-run="1" errors="1">
                <errors>
                  <error type="assembly-cleanup" name="Fixture"><failure><message>cannot dispose</message></failure></error>
                </errors>
                <collection>
                  <test name="A.Passes" result="Pass"><output>unread</output></test>
                  <test name="A.Fails" result="Fail">
                    <failure><message><![CDATA[Expected \"C:\\\"
            Actual \"\"]]></message><stack-trace>at A.Fails()</stack-trace></failure>
                    <output>said this</output>
                  </test>
                </collection>
              </assembly>
            </assemblies>
            """);

        Assert.Equal(new TestCounts(Passed: 2, Failed: 2, Skipped: 1), report.Counts);
        Assert.Equal(
            [
                """
                A.Fails
                    Expected "C:\"
                    Actual ""
                    at A.Fails()
                    Output:
                    said this
                """,
                """
                assembly-cleanup Fixture
                    cannot dispose
                """,
            ],
            report.Failures);
    }
}
