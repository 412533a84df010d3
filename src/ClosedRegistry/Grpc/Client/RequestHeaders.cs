using System.Globalization;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>What a call says before its first message.</summary>
static class RequestHeaders
{
    // The form that the specification asks for: grpc-, language, variant, version.
    const string UserAgent = "grpc-dotnet-standin/2.85.0";

    public static void AddTo(HttpRequestHeaders headers, Metadata? metadata, Encodings encodings, int previousAttempts, TimeSpan? timeout)
    {
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation(Headers.AcceptEncoding, encodings.Names);
        if (metadata is not null)
        {
            AddTo(headers, metadata);
        }
        if (previousAttempts > 0)
        {
            headers.TryAddWithoutValidation(Headers.PreviousAttempts, previousAttempts.ToString(CultureInfo.InvariantCulture));
        }
        if (timeout is { } time)
        {
            headers.TryAddWithoutValidation(Headers.Timeout, Headers.EncodeTimeout(time));
        }
    }

    /// <summary>Runs the interceptors of the credentials, unless the channel is in plain text and was not told to run them even so.</summary>
    public static async Task AddCredentialsAsync(
        HttpRequestHeaders headers, GrpcChannel channel, IMethod method, CallCredentials? credentials, CancellationToken cancellationToken)
    {
        if (credentials is null && channel.CallCredentials is null)
        {
            return;
        }
        if (!channel.IsSecure && !channel.Options.UnsafeUseInsecureChannelCallCredentials)
        {
            return;
        }
        var context = channel.AuthContextOf(method, cancellationToken);
        foreach (var interceptor in new[] { credentials, channel.CallCredentials }.SelectMany(some => some?.Interceptors ?? []))
        {
            var metadata = new Metadata();
            await interceptor(context, metadata);
            AddTo(headers, metadata);
        }
    }

    static void AddTo(HttpRequestHeaders headers, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (entry.Key != Headers.Timeout) // said by the deadline
            {
                headers.TryAddWithoutValidation(entry.Key == Headers.EncodingRequest ? Headers.Encoding : entry.Key, entry.WireValue);
            }
        }
    }
}
