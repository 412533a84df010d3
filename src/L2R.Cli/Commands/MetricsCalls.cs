using Google.Protobuf.Collections;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary>Calls of the Metrics service by commands that keep things there.</summary>
static class MetricsCalls
{
    /// <summary>Of a list that is read whole.</summary>
    public const int PageSize = 1000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="CommandFailedException">The service refuses, or does not answer.</exception>
    public static async Task<T> AskAsync<T>(
        this Gateway opened, Func<MetricsService.MetricsServiceClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(new MetricsService.MetricsServiceClient(opened.Channel), opened.Options(Patience, cancellationToken));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw opened.Explain(exception);
        }
    }

    /// <summary>Every page of a list.</summary>
    /// <param name="ask">For the page of a token.</param>
    /// <param name="read">What a page has, and the token of the next one.</param>
    /// <exception cref="CommandFailedException">As above.</exception>
    public static async Task<IReadOnlyList<T>> ListAsync<TPage, T>(
        this Gateway opened,
        Func<MetricsService.MetricsServiceClient, string, CallOptions, AsyncUnaryCall<TPage>> ask,
        Func<TPage, (RepeatedField<T> Rows, string Next)> read,
        CancellationToken cancellationToken)
    {
        var (all, token) = (new List<T>(), "");
        do
        {
            var (rows, next) = read(await opened.AskAsync((client, options) => ask(client, token, options), cancellationToken));
            all.AddRange(rows);
            token = next;
        }
        while (token.Length > 0);
        return all;
    }

    /// <summary>Every spend of the tenant, in the order in which they were added.</summary>
    /// <exception cref="CommandFailedException">As above.</exception>
    public static Task<IReadOnlyList<Spend>> ListSpendsAsync(this Gateway opened, CancellationToken cancellationToken) => opened.ListAsync(
        (client, token, options) => client.ListSpendsAsync(new() { PageSize = PageSize, PageToken = token }, options),
        page => (page.Spends, page.NextPageToken),
        cancellationToken);
}
