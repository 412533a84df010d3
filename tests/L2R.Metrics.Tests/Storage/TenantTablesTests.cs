using L2R.Metrics.Tests.Api;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TenantTablesTests(MetricsFixture metrics)
{
    [Fact]
    public async Task Every_table_keeps_tenants_apart() => await TenantTables.AreIsolatedAsync((await metrics.ServiceAsync()).Admin);
}
