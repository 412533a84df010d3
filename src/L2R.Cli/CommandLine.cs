using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Grpc.Core;
using L2R.Cli.Commands;

namespace L2R.Cli;

/// <summary>All commands of <c>l2r</c>, and how they end.</summary>
static class CommandLine
{
    const string Name = "./l2r";

    // No RootCommand: that bears the name of the assembly, which nobody types.
    public static Command Create(Checkout checkout, Terminal terminal) =>
        new(Name, $"""
            L2R: Lead-to-Revenue, measured as one waterfall.

            Exit codes: {ExitCodes.Done} done, {ExitCodes.Failed} failed, {ExitCodes.Usage} wrong usage, {ExitCodes.Rejects} rejected rows, {ExitCodes.Unavailable} something is missing on this machine, {ExitCodes.Interrupted} interrupted.
            """)
        {
            new HelpOption { Action = new Help() },
            new VersionOption(),
            UpCommand.Create(checkout, terminal),
            DownCommand.Create(checkout, terminal),
            StatusCommand.Create(checkout, terminal),
            ResetCommand.Create(checkout, terminal),
            TestCommand.Create(checkout, terminal),
            TestCommand.CreateFast(checkout, terminal),
            BuildCommand.Create(checkout, terminal),
            CheckCommand.Create(checkout, terminal),
            FmtCommand.Create(checkout, terminal),
            DocsCommand.Create(checkout, terminal),
            ReleaseContractsCommand.Create(checkout, terminal),
            TokenCommand.Create(checkout, terminal),
            EnvCommand.Create(checkout, terminal),
            CallCommand.Create(checkout, terminal),
            ImportCommand.Create(checkout, terminal),
            WaterfallCommand.Create(checkout, terminal),
            AnswerCommands.Cohorts(checkout, terminal),
            AnswerCommands.Velocity(checkout, terminal),
            AnswerCommands.Flow(checkout, terminal),
            AnswerCommands.Compare(checkout, terminal),
            DiagnosisCommands.Diagnose(checkout, terminal),
            DiagnosisCommands.Explain(checkout, terminal),
            DiagnosisCommands.Outlook(checkout, terminal),
            DiagnosisCommands.Plan(checkout, terminal),
            PipelineCommand.Create(checkout, terminal),
            EconomicsCommands.Economics(checkout, terminal),
            EconomicsCommands.Nurture(checkout, terminal),
            EconomicsCommands.Attribution(checkout, terminal),
            SpendCommand.Create(checkout, terminal),
            SettingsCommand.Create(checkout, terminal),
            AnswerCommands.Curve(checkout, terminal),
            TargetsCommand.Create(checkout, terminal),
            TriggersCommand.Create(checkout, terminal),
            ReviewsCommand.Create(checkout, terminal),
            AnnotationsCommand.Create(checkout, terminal),
            DefinitionsCommand.Create(checkout, terminal),
            ExportCommand.Create(checkout, terminal),
            SimulateCommand.Create(checkout, terminal),
            QueuesCommand.Create(checkout, terminal),
            ReplayCommand.Create(checkout, terminal),
            BenchCommand.Create(checkout, terminal),
        };

    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, Checkout checkout, Terminal terminal, TextWriter errors, CancellationToken cancellationToken)
    {
        var parsed = Create(checkout, terminal).Parse(arguments is [] or ["help"] ? ["--help"] : arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var message in Messages(parsed))
            {
                await errors.WriteLineAsync($"l2r: {message}");
            }
            if (parsed.CommandResult.Command is { Name: Name } all && Words.Nearest(arguments[0], all.Subcommands.Select(known => known.Name)) is { } meant)
            {
                await errors.WriteLineAsync($"l2r: did you mean {Name} {meant}?");
            }

            await errors.WriteLineAsync($"l2r: {PathOf(parsed.CommandResult)} --help tells how");
            return ExitCodes.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // Program.cs hears the signals
                Output = terminal.Output,
                Error = errors,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CommandFailedException failed)
        {
            await errors.WriteLineAsync($"l2r: {failed.Message}");
            return failed.ExitCode;
        }
        catch (Exception cancelled) when (cancelled is OperationCanceledException or RpcException && cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>What is wrong. Of a command that only has others the parser says first that none was given, also where a wrong one was.</summary>
    static IEnumerable<string> Messages(ParseResult parsed) => parsed switch
    {
        { CommandResult.Command.Action: not null } => parsed.Errors.Select(error => error.Message),
        { UnmatchedTokens.Count: > 0 } => parsed.Errors.Skip(1).Select(error => error.Message),
        _ => [$"{PathOf(parsed.CommandResult)} takes one of {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}"],
    };

    /// <summary>As it is typed: <c>./l2r reviews close</c>.</summary>
    static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;
}
