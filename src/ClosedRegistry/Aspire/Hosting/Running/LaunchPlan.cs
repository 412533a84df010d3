using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What to start: every value known, every reference resolved.</summary>
sealed record LaunchPlan(string Command, IReadOnlyList<string> Args, string WorkingDirectory, IReadOnlyDictionary<string, string?> Environment)
{
    public static async Task<LaunchPlan> CreateAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, ServiceTelemetry telemetry, CancellationToken cancellationToken)
    {
        List<object> args = [];
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(new(args, resource, cancellationToken) { ExecutionContext = executionContext });
        }

        var variables = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken);
        AddDefaults(resource, telemetry, variables.EnvironmentVariables);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(variables);
        }

        List<string> argValues = [];
        foreach (var arg in args)
        {
            argValues.Add(await ResolveAsync(arg, cancellationToken) ?? "");
        }
        // What this process was told to listen on is not for its children.
        Dictionary<string, string?> environment = new() { ["ASPNETCORE_URLS"] = null };
        foreach (var (name, value) in variables.EnvironmentVariables)
        {
            environment[name] = await ResolveAsync(value, cancellationToken);
        }

        return resource switch
        {
            ExecutableResource executable => new(FindCommand(executable), argValues, executable.WorkingDirectory, environment),
            ProjectResource project => ForProject(project, argValues, environment),
            _ => throw new DistributedApplicationException($"'{resource.Name}' is nothing that can be started."),
        };
    }

    static LaunchPlan ForProject(ProjectResource project, List<string> args, Dictionary<string, string?> environment)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;
        var folder = Path.GetDirectoryName(path)!;
        // Built with the AppHost, so in the same configuration and for the same framework: bin/<configuration>/<framework>.
        var output = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var configuration = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var assembly = Path.Combine(folder, "bin", configuration, output, $"{Path.GetFileNameWithoutExtension(path)}.dll");
        return File.Exists(assembly)
            ? new(System.Environment.ProcessPath is { } dotnet && Path.GetFileName(dotnet) == "dotnet" ? dotnet : "dotnet", [assembly, .. args], folder, environment)
            : throw new DistributedApplicationException($"The project '{project.Name}' is not built: there is no {assembly}.");
    }

    static string FindCommand(ExecutableResource executable)
    {
        var command = executable.Command;
        IEnumerable<string> candidates = command.Contains('/')
            ? [Path.GetFullPath(command, executable.WorkingDirectory)]
            : (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, command));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new DistributedApplicationException($"The command '{command}' of '{executable.Name}' was not found.");
    }

    static void AddDefaults(IResource resource, ServiceTelemetry telemetry, Dictionary<string, object> variables)
    {
        if (resource is not ProjectResource)
        {
            return;
        }
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.NewGuid():N}";
        variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        foreach (var (name, value) in telemetry.Variables)
        {
            variables[name] = value;
        }
        var filter = resource.Annotations.OfType<EndpointsInEnvironmentAnnotation>().LastOrDefault()?.Filter ?? (_ => true);
        var urls = resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.UriScheme is "http" or "https" && filter(endpoint))
            .Select(endpoint => $"{endpoint.UriScheme}://localhost:{Replica.FindTargetPort(endpoint)}");
        if (string.Join(';', urls) is { Length: > 0 } text)
        {
            variables["ASPNETCORE_URLS"] = text;
        }
    }

    static async ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken),
        _ => throw new DistributedApplicationException($"A {value.GetType().Name} is no value for a variable or an argument."),
    };
}
