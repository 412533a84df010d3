namespace L2R.AppHost.Stack;

/// <summary>What the reporter knows of one resource.</summary>
/// <param name="name">Of the resource; the id of a replica where there are several.</param>
sealed class FollowedResource(string name, IResource model, LogFile log)
{
    public string Name { get; } = name;

    public IResource Model { get; } = model;

    public LogFile Log { get; } = log;

    public CrashRestarts Restarts { get; } = new();

    public ResourceState? State { get; set; }

    /// <summary>Whether it has been ready since it started last.</summary>
    public bool WasReady { get; set; }

    /// <summary>Whether somebody asked it to stop, and it has not started since.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The summary that was printed last.</summary>
    public string? Told { get; set; }
}
