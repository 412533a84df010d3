using System.Net;
using L2R.TestSupport;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ReadinessTests(OperationsFixture scoring)
{
    async Task<(HttpStatusCode Status, string Body)> ReadinessAsync()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(scoring.Service.Http, "/health/ready"), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    async Task TurnsRedAsync(string table, string reason)
    {
        await using (await scoring.LockAsync(table))
        {
            await scoring.SayAsync($"leads/{Guid.NewGuid():D}");
            await Eventually.IsTrueAsync($"readiness to say '{reason}'", async () =>
                await ReadinessAsync() is (HttpStatusCode.ServiceUnavailable, var body) && body.Contains(reason, StringComparison.Ordinal));
        }
        await Eventually.EqualAsync(HttpStatusCode.OK, async () => (await ReadinessAsync()).Status);
    }

    [Fact]
    public Task A_consumer_that_gets_nowhere_turns_readiness_red() => TurnsRedAsync("leads", "scoring.LeadsChanged: a message is being tried for");

    [Fact]
    public Task A_relay_that_gets_nowhere_turns_readiness_red() => TurnsRedAsync("outbox", "scoring.outbox: nothing was sent for");
}
