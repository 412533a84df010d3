using System.Diagnostics;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>One activity per call, under the source's and activity's real names.</summary>
static class ClientDiagnostics
{
    static readonly ActivitySource Source = new("Grpc.Net.Client");

    public static Activity? Start(string method) =>
        Source.StartActivity("Grpc.Net.Client.GrpcOut", ActivityKind.Client)?.AddTag("grpc.method", method);

    public static void Stop(Activity? activity, StatusCode code)
    {
        activity?.AddTag("grpc.status_code", ((int)code).ToString());
        activity?.Stop();
    }
}
