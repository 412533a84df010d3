using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace L2R.Cli.Commands;

/// <summary>The option <c>--help</c> of every command: at most 110 columns, and below it what a command adds.</summary>
sealed class Help : SynchronousCommandLineAction
{
    const int Width = 110;

    static readonly Dictionary<string, Func<string>> More = new() { ["call"] = CallCommand.More, ["import"] = ImportCommand.More };

    readonly HelpAction _usual = new() { MaxWidth = Width };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _usual.Invoke(parseResult);
        if (More.TryGetValue(parseResult.CommandResult.Command.Name, out var more))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(more());
        }
        return ExitCodes.Done;
    }
}
