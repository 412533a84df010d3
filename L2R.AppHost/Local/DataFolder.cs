using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using L2R.AppHost.Stack;

namespace L2R.AppHost.Local;

/// <summary>Where the servers of one stack keep their data.</summary>
/// <param name="Id">Differs between checkouts and state folders. 10 hexadecimal digits.</param>
sealed record DataFolder(string Path, string Id)
{
    public string Postgres => System.IO.Path.Combine(Path, "postgres");

    public string RabbitMQ => System.IO.Path.Combine(Path, "rabbitmq");

    /// <summary>Under the state folder; under /var/tmp where PostgreSQL's user cannot reach that.</summary>
    public static DataFolder Prepare(StackOptions options, LocalSoftware software)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.StateDirectory)))[..10];
        var near = new DataFolder(System.IO.Path.Combine(options.StateDirectory, "data"), id);
        near.Create(software.User);
        if (software.User is null || CanWrite(software.User, near.Postgres))
        {
            return near;
        }
        var far = new DataFolder($"/var/tmp/l2r-{id}", id);
        far.Create(software.User);
        return CanWrite(software.User, far.Postgres)
            ? far
            : throw new InvalidOperationException($"The user {software.User}, who runs PostgreSQL, can write neither {near.Path} nor {far.Path}.");
    }

    void Create(string? user)
    {
        // In /var/tmp anyone could have made it first: what exists must be ours.
        if (Directory.CreateDirectory(Path, PrivateButPassable) is { LinkTarget: not null })
        {
            throw new InvalidOperationException($"{Path} is a link: remove it.");
        }
        File.SetUnixFileMode(Path, PrivateButPassable); // fails where it is another user's
        Directory.CreateDirectory(RabbitMQ, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Postgres, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (user is not null)
        {
            Run("chown", $"{user}:", Postgres);
        }
    }

    const UnixFileMode PrivateButPassable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    static bool CanWrite(string user, string folder) =>
        Run("setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "test", "-w", folder) == 0;

    static int Run(string command, params string[] args)
    {
        using var process = Process.Start(command, args);
        process.WaitForExit();
        return process.ExitCode;
    }
}
