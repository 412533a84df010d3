using L2R.TestSupport;

namespace L2R.Intake.Tests.Storage;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TenantTablesTests(IntakeFixture intake)
{
    [Fact]
    public Task Every_table_keeps_tenants_apart() => TenantTables.AreIsolatedAsync(intake.Service.Admin);
}
