using L2R.TestSupport;

namespace L2R.Handoff.Tests.Storage;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TenantTablesTests(HandoffFixture handoff)
{
    [Fact]
    public Task Every_table_keeps_tenants_apart() => TenantTables.AreIsolatedAsync(handoff.Service.Admin);
}
