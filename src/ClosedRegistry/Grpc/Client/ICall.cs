using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>What the call types ask a call for, whoever makes it.</summary>
interface ICall
{
    Task<Metadata> GetHeadersAsync();

    Status GetStatus();

    Metadata GetTrailers();

    void Dispose();
}

static class CallTasks
{
    /// <summary>Whoever disposes a call that nobody awaits does not want to hear of its failure as an unobserved exception.</summary>
    public static void Forget(this Task? response) => response?.ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
