using System.Text.RegularExpressions;

namespace L2R.AppHost.Local;

/// <summary>What is installed of PostgreSQL and RabbitMQ.</summary>
/// <param name="PostgresBin">The folder with <c>postgres</c> and <c>initdb</c>.</param>
/// <param name="RabbitServer">RabbitMQ's own start script. (Debian's wrapper in /usr/sbin insists on its system user.)</param>
/// <param name="User">Who runs PostgreSQL, where this process is root, which PostgreSQL refuses. Null for this process's own user.</param>
sealed partial record LocalSoftware(string PostgresBin, string RabbitServer, string Epmd, string? User)
{
    const string PostgresVariable = "L2R_POSTGRES_BIN";
    const string RabbitVariable = "L2R_RABBITMQ_SBIN";

    /// <exception cref="MissingSoftwareException">Something is not installed.</exception>
    public static LocalSoftware Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var postgres = FirstWith("initdb", Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 } given
            ? [given]
            : [.. Newest("/usr/lib/postgresql", "*/bin"), .. Newest("/usr", "pgsql-*/bin"), .. path]);
        var rabbit = FirstWith("rabbitmq-server", Environment.GetEnvironmentVariable(RabbitVariable) is { Length: > 0 } sbin
            ? [sbin]
            : [.. Newest("/usr/lib/rabbitmq/lib", "rabbitmq_server-*/sbin")]);
        var epmd = FirstWith("epmd", path);
        string[] missing =
        [
            .. postgres is null ? ["PostgreSQL (postgresql)"] : Array.Empty<string>(),
            .. rabbit is null || epmd is null ? ["RabbitMQ (rabbitmq-server)"] : Array.Empty<string>(),
            .. new[] { "setpriv", "setsid", "flock" }.Any(tool => FirstWith(tool, path) is null) ? ["util-linux"] : Array.Empty<string>(),
        ];
        if (missing.Length > 0)
        {
            throw new MissingSoftwareException(
                $"Not installed: {string.Join(", ", missing)}. On Debian or Ubuntu: apt-get install --no-install-recommends "
                + $"{string.Join(' ', missing.Select(name => PackageName().Match(name).Value))}. Or start a container engine. "
                + $"(If they are elsewhere: {PostgresVariable} and {RabbitVariable} name the folders of initdb and rabbitmq-server.)");
        }
        return new(postgres!, Path.Combine(rabbit!, "rabbitmq-server"), Path.Combine(epmd!, "epmd"), FindUser());
    }

    static string? FindUser()
    {
        if (Environment.UserName != "root")
        {
            return null;
        }
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet();
        return users.Contains("postgres") ? "postgres" : "nobody";
    }

    static string? FirstWith(string file, IEnumerable<string> folders) => folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, file)));

    // "*/bin" under a folder, the highest version first.
    static IEnumerable<string> Newest(string folder, string pattern)
    {
        var parts = pattern.Split('/');
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, parts[0])
                .OrderByDescending(path => Version.TryParse(VersionNumber().Match(path).Value + ".0", out var version) ? version : new())
                .Select(path => Path.Combine(path, parts[1]))
            : [];
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"[a-z-]+(?=\)?$)")]
    private static partial Regex PackageName();
}
