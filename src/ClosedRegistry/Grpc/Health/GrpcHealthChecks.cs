using System.Collections;
using System.Collections.ObjectModel;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks stand for which service name.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>The empty name, all checks, is there from the start.</summary>
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>Whether to answer with the last published results instead of running the checks.</summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>Whether watches go on while the host stops, instead of ending with NOT_SERVING.</summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}

/// <summary>A health check, to be chosen or not.</summary>
public sealed class HealthCheckMapContext(string name, IEnumerable<string> tags)
{
    public string Name { get; } = name;

    public IEnumerable<string> Tags { get; } = tags;
}

public sealed class ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
{
    public string Name { get; } = name;

    public Func<HealthCheckMapContext, bool>? HealthCheckPredicate { get; } = predicate;

    internal bool Includes(string check, IEnumerable<string> tags) => HealthCheckPredicate?.Invoke(new HealthCheckMapContext(check, tags)) ?? true;
}

public sealed class ServiceMappingCollection : ICollection<ServiceMapping>
{
    readonly ByName _mappings = [];

    public int Count => _mappings.Count;

    bool ICollection<ServiceMapping>.IsReadOnly => false;

    /// <summary>In place of the mapping of the same name, where there is one.</summary>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        _mappings.Remove(name);
        _mappings.Add(new ServiceMapping(name, predicate));
    }

    public void Add(ServiceMapping service) => _mappings.Add(service);

    public void Remove(string name) => _mappings.Remove(name);

    public void Clear() => _mappings.Clear();

    public IEnumerator<ServiceMapping> GetEnumerator() => _mappings.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    bool ICollection<ServiceMapping>.Contains(ServiceMapping item) => _mappings.Contains(item);

    void ICollection<ServiceMapping>.CopyTo(ServiceMapping[] array, int arrayIndex) => _mappings.CopyTo(array, arrayIndex);

    bool ICollection<ServiceMapping>.Remove(ServiceMapping item) => _mappings.Remove(item);

    internal ServiceMapping? Find(string name) => _mappings.TryGetValue(name, out var mapping) ? mapping : null;

    sealed class ByName : KeyedCollection<string, ServiceMapping>
    {
        protected override string GetKeyForItem(ServiceMapping item) => item.Name;
    }
}

/// <summary>The health service on top of the host's health checks.</summary>
sealed class HealthCheckedService(
    HealthServiceImpl published, HealthCheckService checks, IOptions<GrpcHealthChecksOptions> options, IHostApplicationLifetime lifetime)
    : Health.V1.Health.HealthBase
{
    /// <summary>Degraded serves. No check at all is unknown.</summary>
    public static ServingStatus Sum(IEnumerable<HealthReportEntry> results) => results.Aggregate(
        ServingStatus.Unknown,
        (sum, result) => sum == ServingStatus.NotServing || result.Status == HealthStatus.Unhealthy ? ServingStatus.NotServing : ServingStatus.Serving);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (options.Value.UseHealthChecksCache)
        {
            return await published.Check(request, context);
        }
        var status = await RunChecksAsync(request.Service, context.CancellationToken);
        return status == ServingStatus.ServiceUnknown
            ? throw new RpcException(new Status(StatusCode.NotFound, ""))
            : new HealthCheckResponse { Status = status };
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, options.Value.SuppressCompletionOnShutdown ? CancellationToken.None : lifetime.ApplicationStopping);
        var first = options.Value.UseHealthChecksCache
            ? published.StatusOf(request.Service)
            : await RunChecksAsync(request.Service, context.CancellationToken);
        await published.WatchAsync(request.Service, first, responseStream, ending.Token);
        if (!context.CancellationToken.IsCancellationRequested && lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing }, context.CancellationToken);
        }
    }

    async Task<ServingStatus> RunChecksAsync(string service, CancellationToken cancellationToken)
    {
        if (options.Value.Services.Find(service) is not { } mapping)
        {
            return ServingStatus.ServiceUnknown;
        }
        var report = await checks.CheckHealthAsync(check => mapping.Includes(check.Name, check.Tags), cancellationToken);
        return Sum(report.Entries.Values);
    }
}

/// <summary>Passes what the host publishes, every 30 s unless told otherwise, to those who watch.</summary>
sealed class HealthPublisher(HealthServiceImpl published, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var mapping in options.Value.Services)
        {
            published.SetStatus(
                mapping.Name,
                HealthCheckedService.Sum(report.Entries.Where(entry => mapping.Includes(entry.Key, entry.Value.Tags)).Select(entry => entry.Value)));
        }
        return Task.CompletedTask;
    }
}
