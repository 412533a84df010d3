using System.CommandLine;
using System.Globalization;
using L2R.Cli.Checks;
using L2R.Cli.Stack;
using L2R.Cli.Testing;

namespace L2R.Cli.Commands;

/// <summary><c>l2r test</c> and <c>l2r fast</c>: build, check, run the tests, sum up.</summary>
static class TestCommand
{
    const string PostgresVariable = "L2R_TEST_POSTGRES";
    const string RabbitMqVariable = "L2R_TEST_RABBITMQ";

    public static Command Create(Checkout checkout, Terminal terminal) =>
        Create("test", "Build and run every check and test, with a PostgreSQL and a RabbitMQ of their own", withServers: true, checkout, terminal);

    public static Command CreateFast(Checkout checkout, Terminal terminal) =>
        Create("fast", "Build and run the tests that need no server", withServers: false, checkout, terminal);

    static Command Create(string name, string description, bool withServers, Checkout checkout, Terminal terminal)
    {
        var filter = new Argument<string[]>("filter")
        {
            Description = "Parts of names of test projects, or of tests (Namespace.Class.Method). With a filter the checks of form are left out",
            Arity = ArgumentArity.ZeroOrMore,
        };
        filter.Validators.Add(result =>
        {
            foreach (var option in result.Tokens.Select(token => token.Value).Where(word => word.StartsWith('-')))
            {
                result.AddError($"{name} has no option '{option}'");
            }
        });
        var command = new Command(name, description) { filter };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(filter) ?? [], withServers, checkout, terminal, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(string[] words, bool withServers, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var outcomes = new List<TestOutcome>();
        var exitCode = ExitCodes.Done;
        try
        {
            await RunAsync(words, withServers, checkout, terminal, outcomes, cancellationToken);
        }
        catch (CommandFailedException failed)
        {
            // What keeps the tests from running counts as one that failed: the last line is the same whatever went wrong.
            exitCode = failed.ExitCode;
            Report(new TestOutcome("l2r", new TestCounts(0, 1, 0), TimeSpan.Zero, [failed.Message]), outcomes, terminal);
        }

        var counts = outcomes.Aggregate(default(TestCounts), (sum, outcome) => sum + outcome.Counts);
        PrintTable(outcomes, terminal);
        var skips = outcomes.OrderBy(o => o.Name, StringComparer.Ordinal).SelectMany(o => o.Skips.Select(skip => $"{o.Name}: {skip}"));
        foreach (var line in skips.Concat(counts.ToLastLines()))
        {
            terminal.Line(line);
        }
        return exitCode != ExitCodes.Done || counts.Failed == 0 ? exitCode : ExitCodes.Failed;
    }

    static async Task RunAsync(
        string[] words, bool withServers, Checkout checkout, Terminal terminal, List<TestOutcome> outcomes, CancellationToken cancellationToken)
    {
        var plan = TestPlan.Create(checkout, words, withServers);
        if (plan.Needs.Contains(TestProject.Node))
        {
            await NodeTools.InstallAsync(checkout, terminal, cancellationToken);
        }
        if (plan.Needs.Contains(TestProject.Examples))
        {
            await NodeTools.InstallExampleAsync(checkout, terminal, cancellationToken);
        }
        await Build.ProjectsAsync(plan.Builds, checkout, terminal, cancellationToken);

        async Task ChecksAndTestsAsync(IReadOnlyDictionary<string, string> servers, CancellationToken cancelled)
        {
            if (plan.Checks)
            {
                terminal.Step("checks the form of C# and protos");
                foreach (var check in await FormatAndLint.CheckAsync(checkout, cancelled))
                {
                    Report(check.ToOutcome(), outcomes, terminal);
                }
            }

            terminal.Step($"runs {Words.Counted(plan.Filter.Projects.Count, "test project")}");
            await new TestRun(checkout, plan.Filter.Arguments, servers)
                .RunAsync(plan.Filter.Projects, outcome => Report(outcome, outcomes, terminal), cancelled);
            if (outcomes.Sum(outcome => outcome.Counts.Total) == 0)
            {
                throw new CommandFailedException("No test has such a name.");
            }
        }

        if (plan.Needs.Contains(TestProject.Servers))
        {
            await WithServersAsync(checkout, terminal, ChecksAndTestsAsync, cancellationToken);
        }
        else
        {
            await ChecksAndTestsAsync(new Dictionary<string, string>(), cancellationToken);
        }
    }

    /// <summary>Runs the body beside a PostgreSQL and a RabbitMQ of its own, or those that the environment names.</summary>
    static async Task WithServersAsync(
        Checkout checkout,
        Terminal terminal,
        Func<IReadOnlyDictionary<string, string>, CancellationToken, Task> body,
        CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 } && Environment.GetEnvironmentVariable(RabbitMqVariable) is { Length: > 0 })
        {
            terminal.Step($"uses the servers of {PostgresVariable} and {RabbitMqVariable}");
            await body(new Dictionary<string, string>(), cancellationToken);
            return;
        }

        terminal.Step("starts PostgreSQL and RabbitMQ for the tests");
        await new OwnStack(checkout, new StackFolder(checkout.TestFolder)).RunAsync(
            ["--infrastructure-only"],
            (ready, cancelled) => body(
                new Dictionary<string, string>
                {
                    [PostgresVariable] = ready.Connections["postgres"],
                    [RabbitMqVariable] = ready.Connections["rabbitmq"],
                },
                cancelled),
            cancellationToken);
        terminal.Step("stopped PostgreSQL and RabbitMQ");
    }

    static void Report(TestOutcome outcome, List<TestOutcome> outcomes, Terminal terminal)
    {
        if (outcome.Counts.Total == 0)
        {
            return; // the filter chose none of its tests
        }

        outcomes.Add(outcome);
        terminal.Line($"{(outcome.Counts.Failed == 0 ? "  ok  " : "FAILED")}  {outcome.Name}: {outcome.Counts}{(outcome.Counts.Skipped > 0 ? $", {outcome.Counts.Skipped} skipped" : "")}");
        foreach (var failure in outcome.Failures)
        {
            terminal.Line(failure);
            terminal.Line();
        }
    }

    static void PrintTable(IReadOnlyList<TestOutcome> outcomes, Terminal terminal)
    {
        string[] Row(string name, TestCounts of, TimeSpan took) =>
        [
            name,
            .. new[] { of.Passed, of.Failed, of.Skipped }.Select(count => count.ToString(CultureInfo.InvariantCulture)),
            took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
        ];
        terminal.Table(
            ["project", "passed", "failed", "skipped", "seconds"],
            outcomes.OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => Row(o.Name, o.Counts, o.Took)));
    }
}
