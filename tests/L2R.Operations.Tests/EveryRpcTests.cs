using L2R.Operations.V1;
using L2R.TestSupport;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(OperationsFixture scoring)
{
    [Fact]
    public Task Is_guarded() => new EveryRpc(scoring.Service.Channel, OperationsService.Descriptor).IsGuardedAsync("operator");

    [Fact]
    public Task Says_what_is_wrong_in_an_error_that_every_client_takes() => new EveryRpc(scoring.Service.Channel, OperationsService.Descriptor).KeepsItsErrorsSmallAsync("operator");
}
