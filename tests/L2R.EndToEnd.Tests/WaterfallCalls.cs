using Grpc.Core;
using L2R.Metrics.V1;

namespace L2R.EndToEnd.Tests;

static class WaterfallCalls
{
    public static Task<Waterfall> GetWaterfallAsync(this StackFixture stack, string tenant, GetWaterfallRequest request) =>
        stack.Channel.GetWaterfallAsync(tenant, request);

    public static async Task<Waterfall> GetWaterfallAsync(this ChannelBase channel, string tenant, GetWaterfallRequest request) =>
        await new MetricsService.MetricsServiceClient(channel).GetWaterfallAsync(request, await CliToken.AsAsync(tenant));

    /// <summary>Entries of every stage and exit that has some, as in <c>LEAD 13087</c>.</summary>
    public static IEnumerable<string> Entries(this WaterfallGroup group) =>
        group.Volumes.Where(volume => volume.EntryCount > 0).Select(volume => $"{NameOf(volume.Stage)} {volume.EntryCount}");

    /// <summary>The name in files: <c>CLOSED_WON</c>.</summary>
    public static string NameOf(L2R.Ledger.V1.Stage stage) => Ledger.Domain.Stages.Name(Ledger.Domain.Stages.All[(int)stage - 1]);
}
