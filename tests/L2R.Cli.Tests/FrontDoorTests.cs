using System.Diagnostics;
using System.Runtime.Versioning;
using System.Xml.Linq;

namespace L2R.Cli.Tests;

/// <summary>The script <c>l2r</c> on a machine that has only what the test gives it: fake commands, first of all <c>dotnet</c>.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FrontDoorTests : IDisposable
{
    const string Dotnet = """
        case $1 in
        --version) ;;
        restore)
            case $RESTORE in killed) exit 0 ;; *) mkdir -p "${2%/*}/obj"; touch "${2%/*}/obj/project.assets.json" ;; esac
            case $RESTORE in *Docker*) grep -q Docker "$2" || exit 0 ;; esac; echo "$RESTORE"; [ -z "$RESTORE" ] || exit 1 ;;
        build) echo "build ${2##*/}" >>"$HOME/log"; mkdir -p "${2%/*}/bin/Release/net10.0"; touch "${2%/*}/bin/Release/net10.0/L2R.Cli.dll" ;;
        *) shift; echo "runs $*" >>"$HOME/log" ;;
        esac
        """;

    const string Script = "/usr/bin/script";

    static readonly string[] Tools =
        ["sh", "dirname", "readlink", "grep", "sed", "find", "head", "mktemp", "mv", "rm", "mkdir", "cat", "xargs", "touch", "true", "echo", "flock", "date"];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly TempCheckout _temp = new();

    public FrontDoorTests()
    {
        var repository = Checkout.Find();
        _temp.Write("repo/l2r", File.ReadAllText(Path.Combine(repository.Root, "l2r")));
        foreach (var name in new[] { "Directory.Packages.props", "global.json" })
        {
            _temp.Write($"repo/{name}", File.ReadAllText(Path.Combine(repository.Root, name)));
        }
        _temp.Write("repo/src/L2R.Cli/Program.cs", "");
        AddTests("Intake", "servers", "Retries_twice");
        AddTests("Interop", "node python", "Answers");
        AddTests("EndToEnd", "servers examples", "Walks");
        _temp.Write("repo/tests/L2R.TestSupport/L2R.TestSupport.csproj", "<Project />");
        _temp.Write("repo/build/install-packages.sh", "echo \"install $*\" >>\"$HOME/log\"");
        foreach (var tool in Tools)
        {
            Directory.CreateDirectory(In("bin"));
            File.CreateSymbolicLink(In($"bin/{tool}"), $"/usr/bin/{tool}");
        }

        Fake("dotnet", Dotnet);
        Fake("id", "echo 1000");
    }

    public void Dispose() => _temp.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task Builds_its_program_once_and_again_when_a_source_is_newer()
    {
        await RunAsync("status", "--json");
        await RunAsync("status");
        File.SetLastWriteTimeUtc(In("repo/src/L2R.Cli/Program.cs"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));
        await RunAsync("status");

        Assert.Equal(["build L2R.Cli.csproj", "runs status --json", "runs status", "build L2R.Cli.csproj", "runs status"], Log);
    }

    [Theory]
    [InlineData("", "ClosedRegistry=false, AspirePublishing=true")]
    [InlineData("error NU1101: Unable to find package Aspire.Hosting.Docker", "ClosedRegistry=true, AspirePublishing=false")]
    [InlineData("error NU1101: Unable to find package Grpc.Core.Api", "ClosedRegistry=true, AspirePublishing=false")]
    [InlineData("error NU1102: Unable to find package Google.Protobuf with version", "ClosedRegistry=true, AspirePublishing=false")]
    public async Task Keeps_what_the_trial_restore_says_of_the_registry(string restore, string outcome)
    {
        var (exitCode, said) = await RunAsync("status", restore: restore);

        Assert.Equal((0, $"l2r: {outcome}, kept in artifacts/registry.props"), (exitCode, said[1]));
        Assert.Equal(
            outcome.Split(", "),
            XDocument.Load(In("repo/artifacts/registry.props")).Descendants("PropertyGroup").Elements().Select(property => $"{property.Name}={property.Value}"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_registry_that_does_not_answer_is_neither_open_nor_closed()
    {
        var (exitCode, said) = await RunAsync("status", restore: "error NU1301: Unable to load the service index");

        Assert.Equal(69, exitCode);
        Assert.Equal("l2r: the NuGet registry does not answer, see above", said[^1]);
        Assert.False(File.Exists(In("repo/artifacts/registry.props")));
    }

    // As dotnet ends on SIGTERM.
    [Fact(Timeout = 60_000)]
    public async Task A_restore_that_was_killed_says_nothing_of_the_registry()
    {
        var (exitCode, _) = await RunAsync("status", restore: "killed");

        Assert.Equal(69, exitCode);
        Assert.False(File.Exists(In("repo/artifacts/registry.props")));
    }

    [Fact(Timeout = 60_000)]
    public async Task Names_the_command_where_it_may_not_install_before_it_builds_anything()
    {
        Fake("apt-get", "exit 1");
        Fake("sudo", "[ $1 != -n ]"); // would ask for a password; there is nobody to type it

        var (exitCode, said) = await RunAsync("check");

        Assert.Equal(69, exitCode);
        Assert.Equal($"l2r: lacks nodejs npm and may not install them. Please run:  sudo sh '{In("repo/build/install-packages.sh")}' nodejs npm", Assert.Single(said));
        Assert.False(File.Exists(In("log")));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_apt_said_is_kept_and_its_errors_are_shown()
    {
        Fake("apt-get", "exit 1");
        Fake("node", "");
        Fake("id", "echo 0");
        _temp.Write("repo/build/install-packages.sh", "echo 'Reading package lists'; echo 'E: no such mirror'; exit 100");

        var (exitCode, said) = await RunAsync("check");

        Assert.Equal(69, exitCode);
        Assert.Equal(
            [
                "l2r: installs npm from the distribution; starts no service; what apt says is in artifacts/install.log",
                "E: no such mirror",
                "l2r: could not install npm; artifacts/install.log has all that apt said",
            ],
            said);
        Assert.Equal("Reading package lists\nE: no such mirror\n", await File.ReadAllTextAsync(In("repo/artifacts/install.log"), Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task Names_what_is_missing_on_another_distribution()
    {
        Fake("node", "");

        var (exitCode, said) = await RunAsync("check");

        Assert.Equal((69, "l2r: lacks npm: please install what your distribution calls these; no service has to run"), (exitCode, said[^1]));
    }

    [Fact(Timeout = 60_000)]
    public async Task Installs_by_sudo_what_the_verb_needs_and_nothing_for_another()
    {
        Fake("apt-get", "exit 1");
        Fake("sudo", "shift; exec \"$@\"");

        await RunAsync("status");
        await RunAsync("fast");
        await RunAsync("test", "--help");

        Assert.Equal(["build L2R.Cli.csproj", "runs status", "install nodejs npm python3-grpcio", "runs fast", "runs test --help"], Log);
    }

    // `script` gives it the terminal.
    [Theory(Timeout = 60_000)]
    [InlineData("", 0, "installs nodejs npm from the distribution")]
    [InlineData("exit 1", 69, "lacks nodejs npm and may not install them")]
    public async Task At_a_terminal_sudo_may_ask_for_the_password(string answer, int exitCode, string said)
    {
        Fake("apt-get", "exit 1");
        Fake("sudo", $"case $1 in -n) exit 1 ;; -v) {answer} ;; *) exec \"$@\" ;; esac");

        var (ended, shown) = await RunAsync(Script, "", ["--quiet", "--return", "--command", $"sh '{In("repo/l2r")}' check", "/dev/null"]);

        Assert.Equal(exitCode, ended);
        Assert.Equal("l2r: lacks nodejs npm; sudo asks for your password to install them", shown[0].TrimEnd('\r'));
        Assert.StartsWith($"l2r: {said}", shown[1], StringComparison.Ordinal);
    }

    // The same choice as in TestPlanTests.
    [Theory(Timeout = 60_000)]
    [InlineData("test", "intake", "")]
    [InlineData("test", "INTEROP", "nodejs npm python3-grpcio")]
    [InlineData("test", "A.retries_", "")]
    [InlineData("test", "answers", "nodejs npm python3-grpcio")]
    [InlineData("test", "walks", "nodejs npm python3-grpcio python3-pika protobuf-compiler protobuf-compiler-grpc")]
    [InlineData("test", "support", "nodejs npm python3-grpcio python3-pika protobuf-compiler protobuf-compiler-grpc")]
    [InlineData("fast", "walks", "")]
    [InlineData("check", null, "nodejs npm")]
    public async Task Installs_what_the_chosen_tests_need(string verb, string? word, string packages)
    {
        Fake("apt-get", "exit 1");
        Fake("sudo", "shift; exec \"$@\"");
        Fake("docker", "");

        await RunAsync(verb, word);

        var installed = Log.Where(line => line.StartsWith("install ", StringComparison.Ordinal)).Select(line => line["install ".Length..]);
        // The last one is sought outside of PATH: this machine may have it.
        Assert.Equal(packages, string.Join(" and ", installed).Replace(" libprotobuf-dev", "", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task Installs_what_the_examples_need_for_all_tests()
    {
        Fake("apt-get", "exit 1");
        Fake("sudo", "shift; exec \"$@\"");
        Fake("docker", "");

        await RunAsync("test");

        Assert.Equal(["build L2R.Cli.csproj", "runs test"], Log[1..]);
        // The last one is sought outside of PATH: this machine may have it.
        Assert.Equal(
            "install nodejs npm python3-grpcio python3-pika protobuf-compiler protobuf-compiler-grpc",
            Log[0].Replace(" libprotobuf-dev", "", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_does_not_wait_for_a_build_of_the_program_and_says_whose_it_is()
    {
        _temp.Write("repo/artifacts/cli.lock", "process 17 (./l2r up), since 11:02:03\n");
        using var build = Process.Start(new ProcessStartInfo("flock", [In("repo/artifacts/cli.lock"), "sh", "-c", $"echo >'{In("locked")}'; read wait"])
        {
            RedirectStandardInput = true,
        })!;
        while (!File.Exists(In("locked")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }

        var (exitCode, said) = await RunAsync("status");

        Assert.Equal(1, exitCode);
        Assert.Equal(["l2r: the CLI is being built by process 17 (./l2r up), since 11:02:03", "l2r: the stack is not up yet"], said);
        var waiting = RunAsync("down");
        build.StandardInput.Close();
        Assert.Equal(0, (await waiting).ExitCode);
        Assert.Equal(["build L2R.Cli.csproj", "runs down"], Log);
        Assert.Matches("^process [0-9]+ \\(\\./l2r down\\), since [0-9:]{8}\n$", await File.ReadAllTextAsync(In("repo/artifacts/cli.lock"), Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task Is_found_through_links_from_anywhere_and_explains_itself_before_anything_is_built()
    {
        File.CreateSymbolicLink(In("link"), "repo/l2r");
        File.CreateSymbolicLink(In("bin/again"), "../link");

        var (exitCode, said) = await RunAsync(In("bin/again"), "", ["--help"]);
        await RunAsync(In("bin/again"), "", ["down"]);

        Assert.Equal((0, "L2R: Lead-to-Revenue, measured as one waterfall."), (exitCode, said[0]));
        Assert.Equal(["build L2R.Cli.csproj", "runs down"], Log);
    }

    string[] Log => File.ReadAllLines(In("log"));

    string In(string path) => Path.Combine(_temp.Checkout.Root, path);

    void AddTests(string name, string needs, string test)
    {
        _temp.Write(
            $"repo/tests/L2R.{name}.Tests/L2R.{name}.Tests.csproj",
            $"<Project><IsTestProject>true</IsTestProject>\n<TestNeeds>{needs}</TestNeeds></Project>");
        _temp.Write($"repo/tests/L2R.{name}.Tests/A.cs", $"class A {{ void {test}() {{ }} }}");
    }

    void Fake(string name, string script)
    {
        var file = _temp.Write($"bin/{name}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    Task<(int ExitCode, string[] Said)> RunAsync(string verb, string? argument = null, string restore = "") =>
        RunAsync(In("repo/l2r"), restore, argument is null ? [verb] : [verb, argument]);

    async Task<(int ExitCode, string[] Said)> RunAsync(string script, string restore, string[] arguments)
    {
        string[] command = script == Script ? [script, .. arguments] : ["sh", script, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true, // no terminal
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = In("bin");
        start.Environment["HOME"] = _temp.Checkout.Root;
        start.Environment["RESTORE"] = restore;
        start.Environment["L2R_PYTHON"] = In("bin/python3"); // never this machine's own
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return (process.ExitCode, [.. $"{await output}{await errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
    }
}
