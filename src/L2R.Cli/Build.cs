using L2R.Cli.Processes;
using L2R.Cli.Testing;

namespace L2R.Cli;

/// <summary>Runs <c>dotnet build</c>, quietly while all is well.</summary>
static class Build
{
    // In a file or a pipe.
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    public static Task SolutionAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken) =>
        ProjectsAsync([], checkout, terminal, cancellationToken);

    /// <param name="projects">Full paths; none: the whole solution.</param>
    public static async Task ProjectsAsync(IReadOnlyList<string> projects, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        SolutionFile.RequireEveryProject(checkout);
        foreach (var project in projects.DefaultIfEmpty(checkout.Solution))
        {
            await ProjectAsync(project, checkout, terminal, cancellationToken);
        }
    }

    /// <exception cref="CommandFailedException">It does not build; the output is printed before.</exception>
    public static async Task ProjectAsync(string project, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        terminal.Step($"builds {checkout.Relative(project)}");
        var progress = new BuildProgress(project, TimeProvider.System);
        // Build servers would outlive the command.
        var building = GuardedProcess.RunAsync(
            ["dotnet", "build", project, "-c", Checkout.Configuration, "-v", "minimal", "-clp:NoSummary", "--nologo", "--disable-build-servers"],
            checkout.Root,
            progress.Add,
            cancellationToken: cancellationToken);
        await terminal.FollowAsync(() => progress.State, building, BetweenLines);
        if (await building != 0)
        {
            foreach (var line in progress.Rest)
            {
                terminal.Line(line);
            }
            if (progress.LacksPackage)
            {
                terminal.Step("what the registry serves was found out once: if it is another one now, delete artifacts/registry.props and try again");
            }
            throw new CommandFailedException($"{checkout.Relative(project)} does not build, see above.");
        }
    }

    /// <exception cref="CommandFailedException">It cannot be restored.</exception>
    public static Task RestoreAsync(Checkout checkout, CancellationToken cancellationToken) => GuardedProcess.RequireAsync(
        ["dotnet", "restore", checkout.Solution, "-v", "quiet", "--disable-build-servers"],
        checkout.Root,
        "The packages cannot be restored",
        cancellationToken);
}
