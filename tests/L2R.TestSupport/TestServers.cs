namespace L2R.TestSupport;

/// <summary>The servers that tests need. <c>./l2r test</c> starts them and says where they are.</summary>
public static class TestServers
{
    /// <summary>Connection string of a role that may create databases.</summary>
    public static string Postgres => Require("L2R_TEST_POSTGRES");

    /// <summary>amqp:// address.</summary>
    public static string RabbitMq => Require("L2R_TEST_RABBITMQ");

    /// <summary>Before the name of every exchange and queue of this test run: test projects that run at the same time do not hear each other.</summary>
    public static string Prefix { get; } = $"test-{Guid.NewGuid():N}.";

    // A missing server is a failure, never a skip: a broken machine must not look like a green run.
    static string Require(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{variable} is not set. Run ./l2r test: it starts the servers and sets it.");
}
