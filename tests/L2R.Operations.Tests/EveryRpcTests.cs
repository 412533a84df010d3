using L2R.Operations.V1;
using L2R.TestSupport;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(OperationsFixture scoring)
{
    [Fact]
    public Task Is_guarded() => new EveryRpc(scoring.Service.Channel, OperationsService.Descriptor).IsGuardedAsync("operator");
}
