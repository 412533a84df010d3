using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An AppHost's builder after its program has added all resources: a test may change them before the application is built.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Lets the program go on: it builds the application and starts it. The second time is of no effect.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>Runs the program of an AppHost inside the test's process.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.My_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), [], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default) =>
        CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, CancellationToken cancellationToken = default) => CreateAsync(entryPoint, args, (_, _) => { }, cancellationToken);

    /// <exception cref="InvalidOperationException">The program ended without building an application.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        var program = new EntryPoint(entryPoint.Assembly, args, configureBuilder);
        return new Builder(program, await program.GetBuilderAsync(cancellationToken));
    }

    sealed class Builder(EntryPoint program, DistributedApplicationBuilder inner) : IDistributedApplicationTestingBuilder
    {
        TestedApplication? _app;

        public ConfigurationManager Configuration => inner.Configuration;

        public string AppHostDirectory => inner.AppHostDirectory;

        public Assembly? AppHostAssembly => inner.AppHostAssembly;

        public IHostEnvironment Environment => inner.Environment;

        public IServiceCollection Services => inner.Services;

        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

        public IResourceCollection Resources => inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource => inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
            where T : IResource => inner.CreateResourceBuilder(resource);

        public DistributedApplication Build() => throw new InvalidOperationException("Use BuildAsync: the AppHost's own program builds the application.");

        public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken) =>
            _app ??= new(program, await program.BuildAsync(cancellationToken));

        public void Dispose() => program.Dispose();

        public async ValueTask DisposeAsync()
        {
            program.Dispose();
            if (_app is not null)
            {
                await _app.DisposeAsync();
            }
        }
    }
}
