using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.HealthCheck;

/// <summary>Answers with the states that were set.</summary>
public class HealthServiceImpl : Health.V1.Health.HealthBase
{
    readonly Lock _changing = new();
    readonly Dictionary<string, ServingStatus> _states = [];
    TaskCompletionSource _changed = New();

    public void SetStatus(string service, ServingStatus status) => Change(states => states[service] = status);

    public void ClearStatus(string service) => Change(states => states.Remove(service));

    public void ClearAll() => Change(states => states.Clear());

    /// <exception cref="RpcException">NOT_FOUND: the service has no state.</exception>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        StatusOf(request.Service) is var status && status != ServingStatus.ServiceUnknown
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw new RpcException(new Status(StatusCode.NotFound, ""));

    public override Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context) =>
        WatchAsync(request.Service, StatusOf(request.Service), responseStream, context.CancellationToken);

    internal ServingStatus StatusOf(string service) => Read(service).Status;

    /// <summary>Sends <paramref name="first"/>, and from then on each state that differs from the one sent before, until cancelled.</summary>
    internal async Task WatchAsync(
        string service, ServingStatus first, IServerStreamWriter<HealthCheckResponse> responses, CancellationToken cancellationToken)
    {
        var sent = first;
        var (_, changed) = Read(service);
        await responses.WriteAsync(new HealthCheckResponse { Status = first }, cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            await changed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            (var status, changed) = Read(service);
            if (status != sent && !cancellationToken.IsCancellationRequested)
            {
                await responses.WriteAsync(new HealthCheckResponse { Status = status }, cancellationToken);
                sent = status;
            }
        }
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    (ServingStatus Status, Task Changed) Read(string service)
    {
        lock (_changing)
        {
            return (_states.GetValueOrDefault(service, ServingStatus.ServiceUnknown), _changed.Task);
        }
    }

    void Change(Action<Dictionary<string, ServingStatus>> change)
    {
        lock (_changing)
        {
            change(_states);
            _changed.SetResult();
            _changed = New();
        }
    }
}
