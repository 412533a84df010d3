using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace L2R.Interop.Tests;

/// <summary>A policy that makes no sense is refused by the first call that needs it, two for one method when the channel is made.</summary>
public sealed class RetryPolicyTests
{
    public static TheoryData<string, MethodConfig> Bad => new()
    {
        { "Retry policy max attempts must be greater than 1.", Retry(policy => policy.MaxAttempts = 1) },
        { "Retry policy initial backoff must be greater than zero.", Retry(policy => policy.InitialBackoff = TimeSpan.Zero) },
        { "Retry policy maximum backoff must be greater than zero.", Retry(policy => policy.MaxBackoff = null) },
        { "Retry policy backoff multiplier must be greater than 0.", Retry(policy => policy.BackoffMultiplier = 0) },
        { "Retry policy must specify at least 1 retryable status code.", Retry(policy => policy.RetryableStatusCodes.Clear()) },
        { "Hedging policy max attempts must be greater than 1.", Hedge(new HedgingPolicy { MaxAttempts = 1 }) },
        { "Hedging policy delay must be equal or greater than zero.", Hedge(new HedgingPolicy { MaxAttempts = 2, HedgingDelay = TimeSpan.FromSeconds(-1) }) },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_call_is_not_made_with_a_policy_that_makes_no_sense(string message, MethodConfig config)
    {
        var failure = Refuse(config);

        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public void Retries_and_hedging_exclude_each_other_and_a_method_has_one_policy()
    {
        var both = Retry(_ => { });
        both.HedgingPolicy = new HedgingPolicy { MaxAttempts = 2 };

        Assert.Equal("Method config can't have a retry policy and hedging policy.", Refuse(both).Message);
        Assert.Throws<InvalidOperationException>(() => Open(Retry(_ => { }), Retry(_ => { })));
    }

    static MethodConfig Retry(Action<RetryPolicy> change)
    {
        var policy = new RetryPolicy
        {
            MaxAttempts = 2,
            InitialBackoff = TimeSpan.FromSeconds(1),
            MaxBackoff = TimeSpan.FromSeconds(1),
            BackoffMultiplier = 1,
            RetryableStatusCodes = { StatusCode.Unavailable },
        };
        change(policy);
        return new MethodConfig { Names = { MethodName.Default }, RetryPolicy = policy };
    }

    static MethodConfig Hedge(HedgingPolicy policy) => new() { Names = { MethodName.Default }, HedgingPolicy = policy };

    static InvalidOperationException Refuse(MethodConfig config)
    {
        using var channel = Open(config);
        var client = new EchoService.EchoServiceClient(channel);
        return Assert.Throws<InvalidOperationException>(() => client.UnaryAsync(new EchoRequest(), cancellationToken: TestContext.Current.CancellationToken));
    }

    static GrpcChannel Open(params MethodConfig[] configs)
    {
        var config = new ServiceConfig();
        foreach (var one in configs)
        {
            config.MethodConfigs.Add(one);
        }
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { ServiceConfig = config });
    }
}
