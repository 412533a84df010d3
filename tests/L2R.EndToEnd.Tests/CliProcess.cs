using System.Diagnostics;

namespace L2R.EndToEnd.Tests;

/// <summary><c>./l2r</c> as a person runs it, from the build on.</summary>
sealed class CliProcess : IDisposable
{
    readonly Process _process;
    readonly Task<string> _output;
    readonly Task<string> _errors;

    CliProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public bool HasEnded => _process.HasExited;

    public static CliProcess Start(params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Programs.Cli, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    public static async Task<CliEnd> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await process.WaitForEndAsync();
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, which does what Ctrl-C does: children of a shell's background job, as a test run may be, ignore that one.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-s", "TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<CliEnd> WaitForEndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CliEnd(_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }
}

/// <summary>How it ended, and all that it said.</summary>
sealed record CliEnd(int ExitCode, string Output, string Errors);
