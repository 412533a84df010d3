using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using L2R.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace L2R.EndToEnd.Tests;

/// <summary>The programs of the folder examples as they stand, in the hands of a caller who has addresses and a token.</summary>
public sealed partial class ExamplesTests(StackFixture stack)
{
    const string Sample = "samples/half-a-year.csv";

    static string Root => Repository.Root;

    static string Program { get; } = Path.Combine(
        Root, "examples/csharp", Path.GetRelativePath(Path.Combine(Root, "L2R.AppHost"), Path.GetDirectoryName(Programs.AppHost)!), "Example.dll");

    // The distribution's own Python has its packages python3-grpcio and python3-pika.
    static string Python { get; } = Environment.GetEnvironmentVariable("L2R_PYTHON") ?? "/usr/bin/python3";

    public static TheoryData<string> Languages => ["csharp", "node", "python"];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_caller_creates_a_lead_hears_of_it_and_reads_the_waterfall_again_and_again(string language)
    {
        await stack.WaitUntilReadyAsync();
        var tenant = $"example-{language}";
        var import = await CliProcess.RunAsync("import", Path.Combine(Root, Sample), "--map", "plain", "--tenant", tenant, "--gateway", stack.Gateway);
        Assert.True(import.ExitCode == 0, $"{import.Output}\n{import.Errors}");

        foreach (var run in new[] { 1, 2 })
        {
            var end = await RunAsync(language, tenant, await IssueTokenAsync(tenant));

            Assert.Equal((0, ""), (end.ExitCode, end.Errors));
            var leads = LeadName().Matches(end.Output).Select(match => match.Value).ToList();
            Assert.Equal(2, leads.Count);
            Assert.Equal(
                $"""
                Refused: FIELDS_INVALID
                  lead.person.email: is required, unless lead.external_id is set
                Created: {leads[0]}
                Heard: {leads[0]} entered LEAD
                Reach:
                  LEAD           {400 + run}
                  MQL            207
                  SAL            129
                  SQL             76
                  OPPORTUNITY     42
                  CLOSED_WON       7
                LEAD to MQL within 30 days: 51.75%, 95% interval 46.86 to 56.61%, of 400

                """,
                end.Output);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_tenant_without_history_has_no_rate_yet_and_is_told_why(string language)
    {
        await stack.WaitUntilReadyAsync();
        var tenant = $"example-{language}-empty";

        var end = await RunAsync(language, tenant, await IssueTokenAsync(tenant));

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.EndsWith("\nLEAD to MQL within 30 days: no rate, no journey has been followed for this long\n", end.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_caller_who_is_turned_away_ends_with_1_and_says_why(string language)
    {
        await stack.WaitUntilReadyAsync();

        var unset = await RunAsync(language, "example", token: "");
        var refused = await RunAsync(language, "example", token: "none");

        Assert.Equal(new CliEnd(1, "", "L2R_TOKEN is not set: README.md says where to find it.\n"), unset);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Matches("^The call failed with (Unauthenticated|UNAUTHENTICATED): The bearer token is not valid[^\n]*\n$", refused.Errors);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_call_that_finds_L2R_unavailable_is_made_again(string language)
    {
        await stack.WaitUntilReadyAsync();
        await using var gateway = await UnreliableGateway.StartAsync(stack.Gateway);
        var tenant = $"example-{language}-again";

        var end = await RunAsync(language, tenant, await IssueTokenAsync(tenant), gateway.Address);

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.Contains("\n  LEAD             1\n", end.Output, StringComparison.Ordinal);
    }

    static async Task<string> IssueTokenAsync(string tenant)
    {
        var end = await CliProcess.RunAsync("token", "--tenant", tenant, "--role", "marketing");
        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        return end.Output.Trim();
    }

    async Task<CliEnd> RunAsync(string language, string tenant, string token, string? gateway = null)
    {
        var folder = Path.Combine(Root, "examples", language);
        if (language == "python")
        {
            Assert.Equal(new CliEnd(0, "", ""), await RunAsync(new ProcessStartInfo(Path.Combine(folder, "make-stubs.sh"))));
        }
        return await RunAsync(new ProcessStartInfo
        {
            FileName = language switch { "csharp" => "dotnet", "node" => "node", _ => Python },
            ArgumentList = { language switch { "csharp" => Program, "node" => Path.Combine(folder, "example.js"), _ => Path.Combine(folder, "example.py") } },
            Environment =
            {
                ["L2R_GATEWAY"] = gateway ?? stack.Gateway,
                ["L2R_RABBITMQ"] = stack.Broker,
                ["L2R_TENANT"] = tenant,
                ["L2R_TOKEN"] = token,
                ["PYTHONDONTWRITEBYTECODE"] = "1",
            },
        });
    }

    static async Task<CliEnd> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CliEnd(process.ExitCode, await output, await errors);
    }

    [GeneratedRegex("leads/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex LeadName();
}

/// <summary>Passes calls on to the gateway, but answers every other one with UNAVAILABLE, the first one too.</summary>
sealed class UnreliableGateway : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly HttpMessageInvoker _client = new(new SocketsHttpHandler());
    readonly string _gateway;
    int _calls;

    UnreliableGateway(string gateway)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        (_app, _gateway) = (builder.Build(), gateway);
        _app.Run(context => Interlocked.Increment(ref _calls) % 2 == 0 ? PassOnAsync(context) : RefuseAsync(context.Response));
    }

    public string Address => _app.Urls.Single();

    public static async Task<UnreliableGateway> StartAsync(string gateway)
    {
        var started = new UnreliableGateway(gateway);
        await started._app.StartAsync(TestContext.Current.CancellationToken);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    static Task RefuseAsync(HttpResponse response)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = "14";
        return Task.CompletedTask;
    }

    async Task PassOnAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _gateway + context.Request.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(context.Request.Body),
        };
        foreach (var (name, values) in context.Request.Headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, values.ToArray()) || request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var response = await _client.SendAsync(request, context.RequestAborted);
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            context.Response.Headers[name] = values.ToArray();
        }
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        foreach (var (name, values) in response.TrailingHeaders)
        {
            context.Response.AppendTrailer(name, values.ToArray());
        }
    }
}
