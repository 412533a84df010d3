using L2R.TestSupport;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class RetentionTests(OperationsFixture scoring)
{
    [Fact]
    public async Task What_is_older_than_a_week_is_forgotten_for_every_tenant_and_nothing_else()
    {
        await scoring.ExecuteAsync("""
            INSERT INTO requests (tenant_id, request_id, fingerprint, resource_id, outcome, create_time)
            SELECT 'tenant-' || n % 3, gen_random_uuid(), '', gen_random_uuid(), 'retention', now() - make_interval(days => 6 + n % 2, hours => 1)
            FROM generate_series(1, 12000) AS n;
            INSERT INTO inbox (message_id, consumer, handle_time)
            SELECT gen_random_uuid(), 'retention', now() - make_interval(days => 6 + n % 2, hours => 1)
            FROM generate_series(1, 100) AS n;
            """);

        await Eventually.EqualAsync((6000L, 50L), async () => (
            await scoring.CountAsync("SELECT count(*) FROM requests WHERE outcome = 'retention'"),
            await scoring.CountAsync("SELECT count(*) FROM inbox WHERE consumer = 'retention'")));
        Assert.Equal(0, await scoring.CountAsync("SELECT count(*) FROM requests WHERE create_time < now() - interval '7 days'"));
        Assert.Equal(0, await scoring.CountAsync("SELECT count(*) FROM inbox WHERE handle_time < now() - interval '7 days'"));
    }
}
