using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Operations.V1;
using Microsoft.IdentityModel.JsonWebTokens;

namespace L2R.Cli.Tests.Operations;

/// <summary>The whole command against services that answer, have failed messages, and refuse.</summary>
public sealed class QueuesCommandTests : IDisposable
{
    static readonly string[] Header = ["queue waiting failed replicas behind problem"];

    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_queue_of_every_service_is_a_line()
    {
        await using var intake = await FakeService.StartAsync(
            new Queue { Name = "intake.outbox", WaitingCount = 1_234, OldestAge = Duration.FromTimeSpan(TimeSpan.FromSeconds(73.5)), Problem = "nothing was sent for 73 s" },
            new Queue { Name = "intake.StagesChanged", ConsumerCount = 2, Lag = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(8)) });
        await using var metrics = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" });

        Assert.Equal(0, await QueuesAsync([intake, metrics]));
        Assert.Equal(
            [
                .. Header,
                "intake.outbox 1,234 0 73.500 s nothing was sent for 73 s",
                "intake.StagesChanged 0 0 2 0.008 s",
                "metrics.outbox 0 0",
            ],
            Said());
        Assert.Equal("Bearer secret", metrics.Authorization);
    }

    [Fact]
    public async Task Where_something_failed_it_says_how_to_go_on()
    {
        await using var service = await FakeService.StartAsync(new Queue { Name = "metrics.StagesChanged", FailedCount = 3, ConsumerCount = 1 });

        Assert.Equal(0, await QueuesAsync([service]));
        Assert.Equal(
            [.. Header, "metrics.StagesChanged 0 3 1", "./l2r queues --failed shows what failed and why; ./l2r replay QUEUE --all tries it again."],
            Said());
    }

    [Fact]
    public async Task Json_is_the_answer_of_each_service_on_a_line_of_its_own()
    {
        await using var intake = await FakeService.StartAsync(new Queue { Name = "intake.outbox", WaitingCount = 2 });
        await using var metrics = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" });

        Assert.Equal(0, await QueuesAsync([intake, metrics], "--json"));
        Assert.Equal([intake.Flow, metrics.Flow], _temp.Output.ToString().TrimEnd().Split('\n').Select(Flow.Parser.ParseJson));
    }

    [Fact]
    public async Task Failed_messages_are_listed_with_their_cause_in_one_line()
    {
        await using var service = await FakeService.StartAsync(
            new Queue { Name = "metrics.outbox" }, new Queue { Name = "metrics.LeadsChanged" }, new Queue { Name = "metrics.StagesChanged" });
        service.Fail("metrics.StagesChanged", 1, "Npgsql.PostgresException: 42P01: relation \"ledger\" does not exist\r\n\r\nPOSITION: 13");
        service.Fail("metrics.LeadsChanged", 1, new string('x', 101));

        Assert.Equal(0, await QueuesAsync([service], "--failed"));
        Assert.Equal(
            [
                "queue message tenant failed at cause",
                $"metrics.LeadsChanged 00000000-0000-0000-0000-000000000001 acme 2026-01-31 12:00:00Z {new string('x', 100)}…",
                "metrics.StagesChanged 00000000-0000-0000-0000-000000000001 acme 2026-01-31 12:00:00Z "
                    + "Npgsql.PostgresException: 42P01: relation \"ledger\" does not exist POSITION: 13",
            ],
            Said());
    }

    [Fact]
    public async Task Of_many_failed_messages_it_says_how_many_more_there_are()
    {
        await using var service = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" }, new Queue { Name = "metrics.StagesChanged" });
        service.Fail("metrics.StagesChanged", 1_334, "a bug");
        service.Fail("metrics.outbox", 100, "a bug");

        Assert.Equal(0, await QueuesAsync([service], "--failed"));
        Assert.Equal(1 + 100 + 100 + 1, Said().Length);
        Assert.Equal("metrics.StagesChanged has 1,234 more, younger ones; ./l2r replay metrics.StagesChanged --all tries them too.", Said()[^1]);
    }

    [Fact]
    public async Task Failed_messages_as_json_are_one_a_line_however_large_they_are()
    {
        await using var service = await FakeService.StartAsync(new Queue { Name = "metrics.StagesChanged" });
        service.Fail("metrics.StagesChanged", 60, "a bug", eventJson: new string(' ', 100_000));

        Assert.Equal(0, await QueuesAsync([service], "--failed", "--json"));
        Assert.Equal(
            service.Failed["metrics.StagesChanged"],
            _temp.Output.ToString().TrimEnd().Split('\n').Select(FailedMessage.Parser.ParseJson));
    }

    [Theory]
    [InlineData("--failed", "Nothing failed.\n")]
    [InlineData("--failed --json", "")]
    public async Task Where_nothing_failed_it_says_so_and_json_is_empty(string arguments, string said)
    {
        await using var service = await FakeService.StartAsync(new Queue { Name = "metrics.StagesChanged", WaitingCount = 9 });

        Assert.Equal(0, await QueuesAsync([service], arguments.Split(' ')));
        Assert.Equal((said, ""), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task Without_addresses_it_asks_the_services_of_this_checkouts_stack_as_an_operator()
    {
        await using var intake = await FakeService.StartAsync(new Queue { Name = "intake.outbox" });
        await using var metrics = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" });
        _temp.WriteStateWith(("gateway", "http://127.0.0.1:9"), ("intake", intake.Address), ("metrics", metrics.Address));
        WriteKey();

        Assert.Equal(0, await _temp.RunAsync("queues"));
        Assert.Equal([.. Header, "intake.outbox 0 0", "metrics.outbox 0 0"], Said());
        var token = new JsonWebToken(metrics.Authorization!["Bearer ".Length..]);
        Assert.Equal("operator", Assert.Single(token.Claims, claim => claim.Type == "roles").Value);
    }

    [Theory]
    [InlineData("queues")]
    [InlineData("queues --failed --json")]
    [InlineData("replay metrics.outbox --all")]
    public async Task Without_a_stack_it_says_what_starts_one(string arguments)
    {
        Assert.Equal(1, await _temp.RunAsync(arguments.Split(' ')));
        Assert.Equal(
            ("", "l2r: The stack is not up: ./l2r up starts it; --service names services that run elsewhere.\n"),
            (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task A_service_that_has_no_address_yet_is_named()
    {
        _temp.WriteStateWith(("intake", null));
        WriteKey();

        Assert.Equal(1, await _temp.RunAsync("queues"));
        Assert.Equal("l2r: intake has no address yet; ./l2r status says how the stack is.\n", _temp.Errors.ToString());
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, 1, "does not answer (sorry). ./l2r up starts the stack of this checkout, ./l2r status says how it is.")]
    [InlineData(StatusCode.PermissionDenied, 1, "refuses the token: sorry")]
    [InlineData(StatusCode.Internal, 1, "answers Internal: sorry")]
    public async Task One_service_that_refuses_fails_the_command_and_is_named(StatusCode code, int exitCode, string why)
    {
        await using var fine = await FakeService.StartAsync(new Queue { Name = "intake.outbox" });
        await using var service = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" });
        service.Failure = new RpcException(new Status(code, "sorry"));

        Assert.Equal(exitCode, await QueuesAsync([fine, service]));
        Assert.Equal(("", $"l2r: {service.Address}/ {why}\n"), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task What_is_no_address_is_wrong_usage()
    {
        Assert.Equal(2, await _temp.RunAsync("queues", "--service", "metrics"));
        Assert.Equal(
            "l2r: --service is an address such as http://127.0.0.1:8081, not 'metrics'\nl2r: ./l2r queues --help tells how\n",
            _temp.Errors.ToString());
    }

    Task<int> QueuesAsync(FakeService[] services, params string[] arguments) =>
        _temp.RunAsync(["queues", .. services.SelectMany(service => new[] { "--service", service.Address }), "--token", "secret", .. arguments]);

    string[] Said() =>
    [
        .. _temp.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
    ];

    void WriteKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _temp.Write(_temp.Checkout.Relative(_temp.Checkout.DevSigningKey), key.ExportPkcs8PrivateKeyPem());
    }
}
