namespace Aspire.Hosting.ApplicationModel;

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public bool Canceled { get; init; }

    public string? Message { get; init; }
}

/// <summary>Starts, stops and restarts resources by hand.</summary>
public class ResourceCommandService
{
    readonly Running.LocalRunner _runner;

    internal ResourceCommandService(Running.LocalRunner runner) => _runner = runner;

    /// <summary>For all replicas of a resource.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var results = await Task.WhenAll(_runner.Find(resource).Select(running => ExecuteAsync(running, commandName)));
        return results.FirstOrDefault(result => !result.Success) ?? new() { Success = true };
    }

    /// <param name="resourceId">The id that its notifications carry, or the name of a resource that has no replicas.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        _runner.Find(resourceId) is { } resource
            ? await ExecuteAsync(resource, commandName)
            : new() { Success = false, Message = $"Resource '{resourceId}' not found." };

    static async Task<ExecuteCommandResult> ExecuteAsync(Running.RunningResource resource, string commandName)
    {
        if (commandName != KnownResourceCommands.StartCommand && commandName != KnownResourceCommands.StopCommand && commandName != KnownResourceCommands.RestartCommand)
        {
            return new() { Success = false, Message = $"Command '{commandName}' not available for resource '{resource.Id}'." };
        }
        if (commandName != KnownResourceCommands.StartCommand)
        {
            await resource.StopAsync();
        }
        if (commandName != KnownResourceCommands.StopCommand)
        {
            resource.Start();
        }
        return new() { Success = true };
    }
}
