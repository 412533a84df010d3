using L2R.TestSupport;

namespace L2R.Opportunity.Tests.Storage;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TenantTablesTests(OpportunityFixture opportunity)
{
    [Fact]
    public Task Every_table_keeps_tenants_apart() => TenantTables.AreIsolatedAsync(opportunity.Service.Admin);
}
