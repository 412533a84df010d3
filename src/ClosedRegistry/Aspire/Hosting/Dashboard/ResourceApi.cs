using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Hosting.Dashboard;

/// <summary>What runs: state, output, and commands.</summary>
/// <param name="application">The name of the AppHost.</param>
sealed class ResourceApi(
    string application, ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceCommandService commands, TimeProvider clock)
{
    const int MostLines = 1_000;

    public void Map(IEndpointRouteBuilder web)
    {
        web.MapGet("/api/resources", () => Results.Json(new { application, now = clock.GetUtcNow(), resources = List() }));
        web.MapGet("/api/resources/{name}/log", ReadLog);
        web.MapPost("/api/resources/{name}/{command}", ExecuteAsync);
    }

    List<ResourceView> List() =>
    [
        .. notifications.GetCurrent()
            .Where(state => state.Resource is ExecutableResource or ProjectResource)
            .Select(ToView)
            .OrderBy(view => view.Name, StringComparer.Ordinal),
    ];

    /// <param name="after">The number of the last line that is known already.</param>
    IResult ReadLog(string name, int after = 0)
    {
        if (!List().Exists(resource => resource.Name == name))
        {
            return Results.NotFound();
        }
        var lines = loggers.GetLog(name).Read(after, MostLines);
        return Results.Json(new
        {
            last = lines.Count == 0 ? after : lines[^1].LineNumber,
            lines = lines.Select(line => new { number = line.LineNumber, text = line.Content[ResourceLog.TimeLength..], isError = line.IsErrorMessage }),
        });
    }

    async Task<IResult> ExecuteAsync(string name, string command)
    {
        // Not the request's token: a browser that goes away does not leave a restart half done.
        var result = await commands.ExecuteCommandAsync(name, command, CancellationToken.None);
        return Results.Json(new { result.Success, result.Message }, statusCode: result.Success ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    static ResourceView ToView(ResourceEvent state)
    {
        var snapshot = state.Snapshot;
        return new(
            state.Resource.GetReplicaCount() > 1 ? state.ResourceId : state.Resource.Name,
            snapshot.ResourceType,
            snapshot.State?.Text ?? KnownResourceStates.NotStarted,
            snapshot.HealthStatus?.ToString(),
            [.. snapshot.HealthReports.Select(report => new HealthView(report.Name, report.Status?.ToString(), report.Description))],
            [.. snapshot.Urls.Select(url => new UrlView(url.Name ?? "", url.Url))],
            Read<int?>("executable.pid"),
            snapshot.StartTimeStamp,
            snapshot.StopTimeStamp,
            snapshot.ExitCode,
            Math.Max(0, (Read<int?>(RunningResource.StartsProperty) ?? 0) - 1));

        T? Read<T>(string property) => snapshot.Properties.FirstOrDefault(one => one.Name == property)?.Value is T value ? value : default;
    }
}

/// <param name="Name">Of the resource; the id of a replica where there are several.</param>
/// <param name="State">As the notifications name it.</param>
/// <param name="Health">Healthy, Degraded, Unhealthy. Null unless running.</param>
/// <param name="Restarts">How often it was started again, for whatever reason.</param>
sealed record ResourceView(
    string Name,
    string Type,
    string State,
    string? Health,
    IReadOnlyList<HealthView> Checks,
    IReadOnlyList<UrlView> Urls,
    int? Pid,
    DateTime? StartedAt,
    DateTime? StoppedAt,
    int? ExitCode,
    int Restarts);

sealed record HealthView(string Name, string? Status, string? Description);

sealed record UrlView(string Name, string Url);
