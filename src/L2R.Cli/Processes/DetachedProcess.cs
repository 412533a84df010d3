using System.Diagnostics;

namespace L2R.Cli.Processes;

/// <summary>Starts processes that outlive this one, in a session of their own, with their output in a file.</summary>
static class DetachedProcess
{
    /// <summary>The result has the number of the command itself, and tells when it ends as long as this process lives.</summary>
    public static Process Start(IReadOnlyList<string> command, string folder, string log) =>
        Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", """log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null""", "sh", log, .. command])
        {
            WorkingDirectory = folder,
        })!;
}
