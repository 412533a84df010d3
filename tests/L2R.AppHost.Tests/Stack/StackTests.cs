using System.Text.RegularExpressions;
using L2R.AppHost.Stack;

namespace L2R.AppHost.Tests.Stack;

/// <summary>The whole course of a stack, with scripts for servers and a sample for services.</summary>
public sealed partial class StackTests : IDisposable
{
    readonly string _folder = StackProcess.CreateStateDirectory();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Starts_a_resource_when_all_that_it_waits_for_is_healthy()
    {
        await using var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder);

        stack.SetReady("postgres");
        var half = await stack.WaitForAsync(state =>
            state.Resources.Count == 4 && Find(state, "postgres").IsReady && Find(state, "rabbitmq").Health == "Unhealthy"
            && Find(state, "intake").State == "Waiting" && Find(state, "gateway").State == "Waiting");

        Assert.Equal(
            ["waiting for intake", "waiting for rabbitmq", "ready", "starting"], half.Resources.Select(resource => resource.Summary));
        Assert.False(half.Ready);

        stack.SetReady("rabbitmq");
        var ready = await stack.WaitForAsync(state => state.Ready);

        Assert.Equal(
            [("gateway", "project"), ("intake", "project"), ("postgres", "executable"), ("rabbitmq", "executable")],
            ready.Resources.Select(resource => (resource.Name, resource.Kind)));
        Assert.All(ready.Resources, resource => Assert.Equal(
            (State: "Running", Summary: "ready", Health: "Healthy", Restarts: 0, ExitCode: null, Log: Path.Combine(_folder, "logs", $"{resource.Name}.log")),
            (resource.State, resource.Summary, resource.Health, resource.Restarts, resource.ExitCode, resource.Log)));
        Assert.Null(ready.Failed);
        Assert.Equal(
            [("postgres", "Server=postgres;Database=postgres"), ("rabbitmq", "Server=rabbitmq")],
            ready.Connections.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Stops_in_reverse_order_and_leaves_nothing(string signal)
    {
        await using var stack = await StartReadyAsync();

        var end = await stack.StopAsync(signal);

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        string[] ended =
        [
            .. from line in end.Output.Split('\n')
               where line.EndsWith("stopped", StringComparison.Ordinal)
               select line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2],
        ];
        Assert.Equal(["gateway", "intake"], ended[..2]);
        Assert.Equal(["postgres", "rabbitmq"], ended[2..].Order());
        Assert.Equal(
            ["postgres starts", "postgres stops", "rabbitmq starts", "rabbitmq stops"],
            File.ReadAllLines(Path.Combine(_folder, "events")).Order());
        Assert.Null(stack.ReadState());
        await stack.WaitUntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task Leaves_nothing_when_it_is_killed_and_starts_again_on_the_same_folder()
    {
        await using (var killed = await StartReadyAsync())
        {
            await killed.StopAsync("KILL");
            await killed.WaitUntilNothingIsLeftAsync();
        }
        Assert.True(File.Exists(Path.Combine(_folder, "stack.json")));

        await using var next = await StartReadyAsync();
        await next.StopAsync("TERM");

        Assert.Null(next.ReadState());
    }

    [Fact]
    public async Task Says_how_each_resource_is_in_words_that_frighten_nobody()
    {
        await using var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder);
        await stack.WaitForAsync(state => state.Resources.Count == 4 && Find(state, "postgres").Summary == "starting");
        stack.SetReady("postgres");
        stack.SetReady("rabbitmq");
        await stack.WaitForAsync(state => state.Ready);
        stack.SetReady("rabbitmq", isReady: false);
        await stack.WaitForAsync(state => Find(state, "rabbitmq").Health == "Unhealthy");
        var end = await stack.StopAsync("TERM");

        // The first words of a resource may come before it is asked to start.
        string[] Told(string name) =>
        [
            .. from line in end.Output.Split('\n')
               let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where words is [_, "s", var who, ..] && who == name
               select string.Join(' ', words.Skip(3).TakeWhile(word => !word.StartsWith("http", StringComparison.Ordinal))),
        ];
        Assert.Equal(["starting", "ready", "running, but does not answer as it should", "stopping", "stopped"], Told("rabbitmq").Where(said => said != "about to start"));
        // One of the two may be seen to be ready before the other.
        Assert.Equal(
            ["waiting for postgres, rabbitmq", "starting", "ready", "stopping", "stopped"],
            Told("intake").Where(said => said is not ("waiting for postgres" or "waiting for rabbitmq" or "about to start")));
    }

    [Fact]
    public async Task Is_at_the_same_addresses_when_it_runs_again()
    {
        Dictionary<string, string> first;
        await using (var stack = await StartReadyAsync())
        {
            first = Addresses(stack.ReadState()!);
            await stack.StopAsync("TERM");
        }

        await using var again = await StartReadyAsync();

        Assert.Equal(["gateway grpc", "gateway http", "intake grpc", "intake http"], first.Keys.Order());
        Assert.Equal(first, Addresses(again.ReadState()!));

        static Dictionary<string, string> Addresses(StackState state) => state.Resources
            .SelectMany(resource => resource.Urls.Select(url => (Name: $"{resource.Name} {url.Key}", url.Value))).ToDictionary(url => url.Name, url => url.Value);
    }

    [Fact]
    public async Task Starts_again_what_crashes_and_shows_its_last_lines()
    {
        await using var stack = await StartReadyAsync();
        var before = Find(stack.ReadState()!, "rabbitmq");
        // A script may be healthy before its first line is in its log, where the orchestrator has a word too.
        const string Hello = """{"Timestamp":"now","LogLevel":"Warning","Message":"rabbitmq says: hello"}""";
        int CountHellos() => File.ReadAllLines(before.Log).Count(line => line == Hello);
        await stack.WaitForAsync(_ => CountHellos() == 1);

        await StackProcess.SignalAsync("KILL", before.Pid!.Value);
        var down = await stack.WaitForAsync(state => Find(state, "rabbitmq").State == "Exited");
        var after = await stack.WaitForAsync(state => state.Ready && CountHellos() == 2);
        var end = await stack.StopAsync("TERM");

        var exitCode = Find(down, "rabbitmq").ExitCode;
        Assert.True(exitCode is 137 or -1, $"{exitCode}"); // Aspire's orchestrator does not tell the signal
        Assert.False(down.Ready);
        Assert.Equal((1, null), (Find(after, "rabbitmq").Restarts, Find(after, "rabbitmq").ExitCode));
        Assert.NotEqual(before.Pid, Find(after, "rabbitmq").Pid);
        Assert.Matches(
            "^rabbitmq crashed (with exit code 137|by a signal); starts again in 1 s. Its last lines:\n"
            + $"( {{4}}.*\n)* {{4}}now Warning rabbitmq says: hello\n {{4}}all of it: {Regex.Escape(before.Log)}$",
            string.Join('\n', end.Output.Split('\n').SkipWhile(line => !line.StartsWith("rabbitmq crashed", StringComparison.Ordinal))
                .TakeWhile((line, number) => number == 0 || line.StartsWith("    ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Gives_up_hope_after_three_crashes_in_a_row_and_takes_it_back()
    {
        var broken = Path.Combine(_folder, "rabbitmq.broken");
        File.WriteAllText(broken, "");
        await using var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder);
        stack.SetReady("postgres");
        stack.SetReady("rabbitmq");

        var hopeless = await stack.WaitForAsync(state => state.Failed is not null);
        File.Delete(broken);
        var recovered = await stack.WaitForAsync(state => state.Ready);

        Assert.Equal($"rabbitmq crashed 3 times in a row. Its log: {_folder}/logs/rabbitmq.log", hopeless.Failed);
        Assert.Equal((3, 3), (Find(hopeless, "rabbitmq").ExitCode, Find(recovered, "rabbitmq").Restarts));
        Assert.Null(recovered.Failed);
    }

    [Fact]
    public async Task Refuses_a_second_stack_on_the_same_folder()
    {
        await using var first = await StartReadyAsync();

        await using var second = StackProcess.Start(StackProcess.ScriptedStack, _folder);
        var end = await second.WaitForEndAsync();

        Assert.Equal(
            new StackEnd(1, "", $"A stack runs on {_folder} already. Stop it first (./l2r down), or give another --state-dir.{Environment.NewLine}"), end);
        Assert.True((await first.WaitForAsync(state => state.Ready)).Ready);
    }

    [Fact]
    public async Task Tells_a_service_its_addresses_its_key_and_its_connections()
    {
        await using var stack = await StartReadyAsync();
        var intake = Find(stack.ReadState()!, "intake");

        var environment = await StackProcess.AskEnvironmentAsync(intake);

        Assert.Equal(["grpc", "http"], intake.Urls.Keys.Order());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["Authentication__Audience"] = "l2r",
                ["Authentication__Issuer"] = "l2r-dev",
                ["Authentication__PublicKey"] = DevSigningKey.LoadOrCreate(_folder).PublicPem,
                ["ConnectionStrings__intakedb"] = "Database=intakedb",
                ["ConnectionStrings__rabbitmq"] = "Server=rabbitmq",
                ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2",
                ["Kestrel__Endpoints__Grpc__Url"] = "http://127.0.0.1:*",
                ["Kestrel__Endpoints__Http__Protocols"] = "Http1",
                ["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:*",
                ["OTEL_SERVICE_NAME"] = "intake",
            },
            environment.Where(pair => IsGiven(pair.Key)).ToDictionary(pair => pair.Key, pair => HidePort(pair.Value)));

        // Its process may listen elsewhere than on the ports that others see: Serves_one_protocol_on_each_address asks whether they lead there.
        static string HidePort(string value) => Regex.Replace(value, "^(http://127.0.0.1):[0-9]+$", "$1:*");
    }

    [Fact]
    public async Task Serves_one_protocol_on_each_address()
    {
        await using var stack = await StartReadyAsync();
        var urls = Find(stack.ReadState()!, "intake").Urls;
        using var client = new HttpClient();

        Assert.Equal("HTTP/1.1", await AskAsync("http", new(1, 1)));
        Assert.Equal("HTTP/2", await AskAsync("grpc", new(2, 0)));

        async Task<string> AskAsync(string endpoint, Version version)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{urls[endpoint]}/protocol")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Tells_the_gateway_where_the_services_are()
    {
        await using var stack = await StartReadyAsync();
        var state = stack.ReadState()!;

        var environment = await StackProcess.AskEnvironmentAsync(Find(state, "gateway"));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__intake__grpc__0"] = Find(state, "intake").Urls["grpc"],
                ["services__intake__http__0"] = Find(state, "intake").Urls["http"],
            },
            environment.Where(pair => pair.Key.StartsWith("services__", StringComparison.Ordinal)).ToDictionary());
    }

    static bool IsGiven(string name) =>
        name is "ASPNETCORE_ENVIRONMENT" or "ASPNETCORE_URLS" or "OTEL_SERVICE_NAME"
        || new[] { "Authentication__", "ConnectionStrings__", "Kestrel__" }.Any(start => name.StartsWith(start, StringComparison.Ordinal));

    static ResourceState Find(StackState state, string name) => state.Resources.Single(resource => resource.Name == name);

    async Task<StackProcess> StartReadyAsync()
    {
        var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder);
        stack.SetReady("postgres");
        stack.SetReady("rabbitmq");
        await stack.WaitForAsync(state => state.Ready);
        return stack;
    }
}
