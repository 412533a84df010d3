using System.Diagnostics;
using System.Runtime.Versioning;

namespace L2R.Cli.Tests;

/// <summary>The program itself at a terminal, which <c>script</c> gives it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ResetAtATerminalTests
{
    const string CtrlC = "\x03";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData(CtrlC, 130, "l2r: stopping")]
    [InlineData("n\n", 1, "l2r: Nothing was dropped; --yes drops without asking.")]
    public async Task The_question_can_be_declined_and_interrupted(string typed, int exitCode, string said)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "L2R.Cli.dll");
        // The test run is a background job, where SIGINT is ignored, and its programs inherit that.
        var start = new ProcessStartInfo("script", ["--quiet", "--flush", "--return", "--command", $"env --default-signal=INT dotnet '{program}' reset", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await using var end = Cancelled.Register(() => process.Kill(entireProcessTree: true));
        var shown = "";
        var buffer = new char[1];
        while (!shown.EndsWith("[y/N] ", StringComparison.Ordinal))
        {
            Assert.Equal(1, await process.StandardOutput.ReadAsync(buffer, Cancelled));
            shown += buffer[0];
        }

        await process.StandardInput.WriteAsync(typed.AsMemory(), Cancelled);
        await process.StandardInput.FlushAsync(Cancelled);
        shown = await process.StandardOutput.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);

        Assert.Contains(said, shown, StringComparison.Ordinal);
        Assert.Equal(exitCode, process.ExitCode);
    }
}
