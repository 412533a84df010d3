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
    public void Reads_counts_failures_with_their_output_and_why_tests_were_skipped()
    {
        var report = TestReport.Parse("""
            <assemblies>
              <assembly name="a.dll" total="7" passed="2" failed="1" skipped="3" not-run="1" errors="1">
                <errors>
                  <error type="assembly-cleanup" name="Fixture"><failure><message>cannot dispose</message></failure></error>
                </errors>
                <collection>
                  <test name="A.Passes" result="Pass"><output>unread</output></test>
                  <test name="A.Waits" result="Skip"><reason><![CDATA[The data are not here.]]></reason></test>
                  <test name="A.Sleeps" result="Skip"><reason>The moon is up.</reason></test>
                  <test name="A.Rests" result="Skip"><reason>The data are not here.</reason></test>
                  <test name="A.Fails" result="Fail">
                    <failure><message><![CDATA[Expected \"C:\\\"
            Actual \"\"]]></message><stack-trace>at A.Fails()</stack-trace></failure>
                    <output>said this</output>
                  </test>
                </collection>
              </assembly>
            </assemblies>
            """);

        Assert.Equal(new TestCounts(Passed: 2, Failed: 2, Skipped: 3), report.Counts);
        Assert.Equal(["2 skipped: The data are not here.", "1 skipped: The moon is up."], report.Skips);
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
