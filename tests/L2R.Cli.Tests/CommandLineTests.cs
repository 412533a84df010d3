using System.Globalization;
using System.Security.Cryptography;

namespace L2R.Cli.Tests;

public sealed partial class CommandLineTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(
        "waterfal --by day",
        "l2r: Unrecognized command or argument 'waterfal'.\nl2r: Unrecognized command or argument '--by'.\n"
            + "l2r: Unrecognized command or argument 'day'.\nl2r: did you mean ./l2r waterfall?\nl2r: ./l2r --help tells how\n")]
    [InlineData("crm", "l2r: Unrecognized command or argument 'crm'.\nl2r: ./l2r --help tells how\n")]
    [InlineData("spend", "l2r: ./l2r spend takes one of add, list, import\nl2r: ./l2r spend --help tells how\n")]
    [InlineData("spend ad", "l2r: Unrecognized command or argument 'ad'.\nl2r: ./l2r spend --help tells how\n")]
    [InlineData("test intake --nope", "l2r: test has no option '--nope'\nl2r: ./l2r test --help tells how\n")]
    [InlineData(
        "token --tenant Acme --role sales",
        "l2r: --tenant is 1 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit; not 'Acme'\n"
            + "l2r: ./l2r token --help tells how\n")]
    [InlineData(
        "import f.csv --map plain --source Crm --gateway here",
        "l2r: --source is in kebab case such as crm-eu, at most 63 characters; not 'Crm'\n"
            + "l2r: --gateway is an address such as http://127.0.0.1:8081, not 'here'\nl2r: ./l2r import --help tells how\n")]
    [InlineData(
        "import f.csv",
        "l2r: --map is required: one that ships with L2R (loans, plain), or the path of a mapping file\nl2r: ./l2r import --help tells how\n")]
    [InlineData("up --fast", "l2r: Unrecognized command or argument '--fast'.\nl2r: ./l2r up --help tells how\n")]
    [InlineData(
        "reviews close 1 --decision x --trade-off y --next soon",
        "l2r: --next takes a day such as 2026-03-31; not 'soon'\nl2r: ./l2r reviews close --help tells how\n")]
    [InlineData("token --tenant acme", "l2r: Option '--role' is required.\nl2r: ./l2r token --help tells how\n")]
    [InlineData(
        "token --tenant acme --role sales --for 1h",
        "l2r: Unrecognized command or argument '--for'.\nl2r: Unrecognized command or argument '1h'.\nl2r: ./l2r token --help tells how\n")]
    [InlineData(
        "token --tenant acme --role sales --expires soon",
        "l2r: --expires is a whole number and a unit (s, m, h, d), as in 30m, 12h, 7d; not 'soon'\nl2r: ./l2r token --help tells how\n")]
    public async Task Wrong_usage_ends_with_2_and_says_where_help_is(string arguments, string said)
    {
        Assert.Equal(2, await _temp.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(("", said), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task A_role_that_does_not_exist_is_wrong_usage() =>
        Assert.Equal(2, await _temp.RunAsync("token", "--tenant", "acme", "--role", "king"));

    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("status")]
    [InlineData("reset")]
    [InlineData("test")]
    [InlineData("fast")]
    [InlineData("build")]
    [InlineData("check")]
    [InlineData("fmt")]
    [InlineData("docs")]
    [InlineData("release-contracts")]
    [InlineData("token")]
    [InlineData("env")]
    [InlineData("call")]
    [InlineData("import")]
    [InlineData("waterfall")]
    [InlineData("economics")]
    [InlineData("pipeline")]
    [InlineData("nurture")]
    [InlineData("attribution")]
    [InlineData("spend add")]
    [InlineData("spend list")]
    [InlineData("spend import")]
    [InlineData("spend")]
    [InlineData("targets")]
    [InlineData("reviews")]
    [InlineData("reviews show")]
    [InlineData("reviews close")]
    [InlineData("annotations")]
    [InlineData("simulate")]
    [InlineData("queues")]
    [InlineData("replay")]
    [InlineData("bench")]
    public async Task Every_command_explains_itself_in_110_columns(string command)
    {
        Assert.Equal(0, await _temp.RunAsync([.. command.Split(' '), "--help"]));
        Assert.StartsWith("Description:", _temp.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Usage:\n  ./l2r {command} ", _temp.Output.ToString(), StringComparison.Ordinal);
        Assert.All(_temp.Output.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 110));
        Assert.Equal("", _temp.Errors.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("--help")]
    public async Task Without_a_command_it_explains_itself(string arguments)
    {
        Assert.Equal(0, await _temp.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("Usage:\n  ./l2r [command] [options]\n", _temp.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bench --soak 60")]
    [InlineData("bench --only live --soak 60")]
    [InlineData("bench --only grpc --soak 0")]
    public async Task A_soak_is_one_of_grpc_and_takes_a_minute_at_least(string arguments)
    {
        Assert.Equal(2, await _temp.RunAsync(arguments.Split(' ')));
        Assert.Equal(
            "l2r: --soak is a number of minutes from 1, and goes with --only grpc\nl2r: ./l2r bench --help tells how\n", _temp.Errors.ToString());
    }

    [Fact]
    public async Task Help_shows_only_values_that_are_taken()
    {
        await _temp.RunAsync("waterfall", "--help");

        Assert.DoesNotContain("Unspecified", _temp.Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ClosedWon", _temp.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_import_lists_maps_and_stages_and_names_the_page_on_maps()
    {
        await _temp.RunAsync("import", "--help");

        Assert.EndsWith(
            """
            Maps that ship with L2R:
              loans  A bank's loan applications: an application is a lead, its offers are entries of OPPORTUNITY
              plain  Columns and stages by L2R's own names, as in samples/half-a-year.csv

            Stages: LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON
            Exits:  DISQUALIFIED, REJECTED, RECYCLED, CLOSED_LOST

            docs/import-maps.md tells how to write a map for a file of your own.

            """,
            _temp.Output.ToString(),
            StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Checkout.Find().Root, "docs", "import-maps.md")));
    }

    [Fact]
    public async Task Token_says_what_makes_the_key()
    {
        Assert.Equal(1, await _temp.RunAsync("token", "--tenant", "acme", "--role", "sales"));
        Assert.Equal("l2r: There is no artifacts/keys/dev-signing-key.pem yet: the first ./l2r up makes it.\n", _temp.Errors.ToString());
    }

    [Fact]
    public async Task Env_prints_what_a_program_needs_to_call_and_to_listen()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _temp.Write("artifacts/keys/dev-signing-key.pem", key.ExportPkcs8PrivateKeyPem());
        _temp.WriteStateOfThisProcess();

        Assert.Equal(0, await _temp.RunAsync("env", "--tenant", "acme"));
        var lines = _temp.Output.ToString().TrimEnd().Split('\n');
        Assert.Equal(
            ["export L2R_GATEWAY='http://127.0.0.1:2'", "export L2R_RABBITMQ='amqp://guest:secret@127.0.0.1:5'", "export L2R_TENANT='acme'"],
            lines[..^1]);
        Assert.Matches("^export L2R_TOKEN='[^']+'$", lines[^1]);
        Assert.Equal("acme", Tokens.DevToken.TenantOf(lines[^1].Split('\'')[1]));
    }

    [Fact]
    public async Task Env_of_nothing_says_what_starts_the_stack()
    {
        Assert.Equal(1, await _temp.RunAsync("env"));
        Assert.Equal(
            ("", "l2r: The stack is not ready: ./l2r up starts it, ./l2r status says how it is.\n"), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task Reset_drops_nothing_unless_told()
    {
        var data = _temp.Write("artifacts/run/data/PG_VERSION", "15");

        Assert.Equal(1, await _temp.RunAsync("reset"));
        Assert.True(File.Exists(data));
        Assert.Equal(0, await _temp.RunAsync("reset", "--yes"));
        Assert.False(Directory.Exists(_temp.Checkout.RunFolder));
    }

    [Fact]
    public async Task Reset_drops_what_tests_and_bench_left_but_no_measurement()
    {
        _temp.Write("artifacts/test/results/a.xml", "");
        _temp.Write("artifacts/bench/stack/data/PG_VERSION", "15");
        var measured = _temp.Write("artifacts/bench/2026-07-01.json", "{}");

        Assert.Equal(0, await _temp.RunAsync("reset", "--yes"));
        Assert.Equal("l2r: removed artifacts/test\nl2r: removed artifacts/bench/stack\n", _temp.Output.ToString());
        Assert.Equal([_temp.Checkout.BenchFolder, measured], Directory.EnumerateFileSystemEntries(_temp.Checkout.Artifacts, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_project_that_the_solution_forgets_stops_the_tests_and_counts_as_one_that_failed()
    {
        _temp.Write("L2R.slnx", """<Solution><Folder Name="/src/"><Project Path="src/A/A.csproj" /></Folder></Solution>""");
        _temp.Write("src/A/A.csproj", "<Project />");
        _temp.Write("src/ClosedRegistry/B/B.csproj", "<Project />");
        _temp.Write("tests/A.Tests/A.Tests.csproj", "<Project />");
        _temp.Write("examples/a/A.csproj", "<Project />");
        _temp.Write("L2R.AppHost/L2R.AppHost.csproj", "<Project />");

        Assert.Equal(1, await _temp.RunAsync("test"));
        var lines = _temp.Output.ToString().TrimEnd().Split('\n');
        Assert.Equal(
            """L2R.slnx lacks L2R.AppHost/L2R.AppHost.csproj, examples/a/A.csproj, tests/A.Tests/A.Tests.csproj: add a <Project Path="…" /> for each, or it is neither built nor tested.""",
            lines[1]);
        Assert.Equal("0 passed, 1 failed", lines[^1]);
    }

    [Theory]
    [InlineData("1s", 1)]
    [InlineData("30m", 1_800)]
    [InlineData("12h", 43_200)]
    [InlineData("3650d", 315_360_000)]
    public void Lifetimes_have_a_unit(string text, int seconds)
    {
        Assert.True(Tokens.DevToken.TryParseLifetime(text, out var lifetime));
        Assert.Equal(seconds.ToString(CultureInfo.InvariantCulture), lifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("10")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("3651d")]
    [InlineData("1.5h")]
    public void What_is_no_lifetime_is_refused(string text) => Assert.False(Tokens.DevToken.TryParseLifetime(text, out _));
}
