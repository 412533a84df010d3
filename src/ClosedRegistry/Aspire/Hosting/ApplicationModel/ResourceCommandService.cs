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

    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);

    /// <param name="resourceId">The id that its notifications carry, or the name of the resource for all of its replicas.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var resources = _runner.Find(resourceId);
        if (resources.Count == 0)
        {
            return new() { Success = false, Message = $"There is no resource '{resourceId}'." };
        }
        if (commandName != KnownResourceCommands.StartCommand && commandName != KnownResourceCommands.StopCommand && commandName != KnownResourceCommands.RestartCommand)
        {
            return new() { Success = false, Message = $"There is no command '{commandName}'." };
        }
        await Task.WhenAll(resources.Select(async resource =>
        {
            if (commandName != KnownResourceCommands.StartCommand)
            {
                await resource.StopAsync();
            }
            if (commandName != KnownResourceCommands.StopCommand)
            {
                resource.Start();
            }
        }));
        return new() { Success = true };
    }
}
