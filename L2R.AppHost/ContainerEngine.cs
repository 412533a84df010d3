using System.ComponentModel;
using System.Diagnostics;

namespace L2R.AppHost;

static class ContainerEngine
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether Docker or Podman is installed and its engine answers.</summary>
    public static bool Answers() => Answers("docker") || Answers("podman");

    static bool Answers(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["info"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(Patience))
            {
                return process.ExitCode == 0;
            }
            process.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
