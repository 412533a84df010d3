namespace L2R.AppHost.Stack;

/// <summary>What one run of the stack needs to know.</summary>
/// <param name="InfrastructureOnly">PostgreSQL and RabbitMQ, and nothing that is built here.</param>
/// <param name="StateDirectory">Full path.</param>
/// <param name="RepositoryRoot">Full path.</param>
sealed record StackOptions(bool InfrastructureOnly, string StateDirectory, string RepositoryRoot)
{
    public StackPorts Ports { get; } = new(Path.Combine(StateDirectory, "ports.json"));

    public string StackFile => Path.Combine(StateDirectory, "stack.json");

    public string LogDirectory => Path.Combine(StateDirectory, "logs");

    public string ArtifactsDirectory => Path.Combine(RepositoryRoot, "artifacts");
}
