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

    /// <summary>Under the state folder; under /var/lib where PostgreSQL's user cannot reach that, as it cannot reach /root.</summary>
    public static DataFolder Prepare(StackOptions options, LocalSoftware software)
    {
        var id = IdOf(options.StateDirectory);
        var near = new DataFolder(System.IO.Path.Combine(options.StateDirectory, "data"), id);
        near.Create(software.User);
        if (software.User is null || CanWrite(software.User, near.Postgres))
        {
            return near;
        }
        var far = new DataFolder(FindFar(id), id);
        far.Create(software.User);
        return CanWrite(software.User, far.Postgres)
            ? far
            : throw new InvalidOperationException($"The user {software.User}, who runs PostgreSQL, can write neither {near.Path} nor {far.Path}.");
    }

    public static string IdOf(string stateDirectory) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stateDirectory)))[..10];

    /// <summary>Under /var/lib, or where earlier versions kept the data, as long as they are there: some systems empty /var/tmp now and then.</summary>
    /// <param name="var">The folder /var.</param>
    public static string FindFar(string id, string var = "/var")
    {
        var earlier = $"{var}/tmp/l2r-{id}";
        // Anyone can make a folder there: only our own counts.
        return Directory.Exists(earlier) && Run("test", "-O", earlier) == 0 ? earlier : $"{var}/lib/l2r-{id}";
    }

    void Create(string? user)
    {
        // A link would lead what follows, chown too, to wherever somebody else likes.
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
