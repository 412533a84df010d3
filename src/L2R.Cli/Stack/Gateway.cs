using Grpc.Core;
using Grpc.Net.Client;
using L2R.Cli.Tokens;

namespace L2R.Cli.Stack;

/// <summary>The front door of a stack, opened with a token.</summary>
sealed class Gateway : IDisposable
{
    readonly string _token;

    Gateway(Uri address, string token)
    {
        (Address, _token, Tenant) = (address, token, DevToken.TenantOf(token));
        Channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null, // a hundred failed events of an import are more than the usual 4 MiB
            MaxReconnectBackoff = TimeSpan.FromSeconds(5), // an import waits a minute for a gateway that restarts, and the usual pauses grow to two
        });
    }

    public Uri Address { get; }

    /// <summary>Whose data the token opens; null where it doesn't say so to us.</summary>
    public string? Tenant { get; }

    public GrpcChannel Channel { get; }

    /// <param name="address">Of the gateway's grpc endpoint, an address (<see cref="IsAddress"/>); null: of the stack that runs in this checkout.</param>
    /// <param name="token">A bearer token; null: one of this checkout's development key, for the tenant, in the role revops.</param>
    /// <param name="role">Of the token that is issued here.</param>
    /// <exception cref="CommandFailedException">There is no stack or no key; the message says what to do.</exception>
    public static Gateway Open(Checkout checkout, string? address, string? token, string tenant, string role = "revops")
    {
        var uri = address
            ?? new StackFolder(checkout.RunFolder).FindRunning()?.GatewayUrls.GetValueOrDefault("grpc")
            ?? throw new CommandFailedException("The stack is not up: ./l2r up starts it; --gateway names one that runs elsewhere.");
        return new Gateway(
            new Uri(uri), token ?? DevToken.IssueForCheckout(checkout, tenant, [role], "cli", TimeSpan.FromHours(12), TimeProvider.System));
    }

    public static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    /// <param name="patience">How long the call may take; null: for ever.</param>
    public CallOptions Options(TimeSpan? patience = null, CancellationToken cancellationToken = default) => new(
        new Metadata { { "authorization", $"Bearer {_token}" } },
        patience is { } limit ? TimeProvider.System.GetUtcNow().UtcDateTime + limit : null,
        cancellationToken);

    /// <summary>A failed call as a sentence for the person who typed the command.</summary>
    public CommandFailedException Explain(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.Unavailable => new($"{Address} does not answer ({exception.Status.Detail}). "
            + "./l2r up starts the stack of this checkout, ./l2r status says how it is."),
        StatusCode.DeadlineExceeded => new($"{Address} has not answered in time; ./l2r status says how the stack is."),
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => new($"{Address} refuses the token: {exception.Status.Detail}"),
        StatusCode.InvalidArgument => new(exception.Status.Detail, ExitCodes.Usage),
        _ => new($"{Address} answers {exception.StatusCode}: {exception.Status.Detail}"),
    };

    public void Dispose() => Channel.Dispose();
}
