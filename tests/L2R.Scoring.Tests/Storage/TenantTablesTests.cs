using L2R.TestSupport;

namespace L2R.Scoring.Tests.Storage;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TenantTablesTests(ScoringFixture scoring)
{
    [Fact]
    public Task Every_table_keeps_tenants_apart() => TenantTables.AreIsolatedAsync(scoring.Service.Admin);
}
