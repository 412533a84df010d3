namespace L2R.AppHost;

/// <summary>What the command line asks for.</summary>
/// <param name="InfrastructureOnly">PostgreSQL and RabbitMQ, and nothing that is built here. For tests.</param>
/// <param name="NoDashboard">No dashboard, and no telemetry of the services. For measurements.</param>
/// <param name="StateDirectory">Full path. Holds stack.json, logs, and the data unless PostgreSQL's user cannot reach it.</param>
/// <param name="Rest">What is for the host's configuration.</param>
sealed record AppHostOptions(bool InfrastructureOnly, bool NoDashboard, string? StateDirectory, IReadOnlyList<string> Rest)
{
    public const string Usage = "dotnet L2R.AppHost.dll [--infrastructure-only] [--no-dashboard] [--state-dir DIR]";

    public bool HasDashboard => !InfrastructureOnly && !NoDashboard;

    /// <returns>Null when an option lacks its value.</returns>
    public static AppHostOptions? TryParse(string[] args)
    {
        var options = new AppHostOptions(InfrastructureOnly: false, NoDashboard: false, StateDirectory: null, Rest: []);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--infrastructure-only":
                    options = options with { InfrastructureOnly = true };
                    break;
                case "--no-dashboard":
                    options = options with { NoDashboard = true };
                    break;
                case "--state-dir" when i + 1 < args.Length:
                    options = options with { StateDirectory = Path.GetFullPath(args[++i]) };
                    break;
                case "--state-dir":
                    return null;
                default:
                    options = options with { Rest = [.. options.Rest, args[i]] };
                    break;
            }
        }
        return options;
    }
}
