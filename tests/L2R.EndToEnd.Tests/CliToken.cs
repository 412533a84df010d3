using System.Collections.Concurrent;
using Grpc.Core;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>Tokens as <c>./l2r token</c> issues them.</summary>
static class CliToken
{
    static readonly ConcurrentDictionary<string, string> Tokens = new();

    /// <summary>Call options with a token of the tenant, in the role revops.</summary>
    public static async Task<CallOptions> AsAsync(string tenant)
    {
        if (!Tokens.TryGetValue(tenant, out var token))
        {
            var end = await CliProcess.RunAsync("token", "--tenant", tenant, "--role", "revops");
            Assert.Equal((0, ""), (end.ExitCode, end.Errors));
            Tokens[tenant] = token = end.Output.Trim();
        }
        return ServiceProcess.With(token);
    }
}
