using System.CommandLine;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using L2R.Cli.Exports;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;

namespace L2R.Cli.Commands;

/// <summary>How an answer is printed: as a person reads it, or by <c>--json</c> or <c>--csv</c> as a program does.</summary>
sealed class OutputOptions
{
    static readonly JsonFormatter JsonText = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithIndentation());

    readonly Option<bool> _json;

    readonly Option<string?> _csv = new("--csv")
    {
        HelpName = "TABLE",
        Description = "Print one table of the answer as CSV: the main one, or that of this name, as in docs/exports.md",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public OutputOptions(string json = "Print the answer of the rpc as JSON") => _json = new("--json") { Description = json };

    public void AddTo(Command command)
    {
        command.Add(_json);
        command.Add(_csv);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_json) is not null && result.GetResult(_csv) is not null)
            {
                result.AddError("--json and --csv exclude each other");
            }
        });
    }

    public void Print<T>(ParseResult parsed, Terminal terminal, T answer, Func<T, IEnumerable<string>> toLines)
        where T : IMessage
    {
        if (parsed.GetResult(_csv) is not null)
        {
            PrintCsv(parsed, terminal, [answer], answer.Descriptor);
            return;
        }
        terminal.Line(parsed.GetValue(_json) ? JsonText.Format(answer) : string.Join(
            Environment.NewLine, [.. toLines(answer), .. AnswerFooter.OutOfScope(answer), .. AnnotationText.Below(answer)]));
    }

    /// <summary>The same for a list: JSON has an item a line.</summary>
    public void PrintAll<T>(ParseResult parsed, Terminal terminal, IReadOnlyList<T> items, MessageDescriptor type, Func<IReadOnlyList<T>, IEnumerable<string>> toLines)
        where T : IMessage
    {
        if (parsed.GetResult(_csv) is not null)
        {
            PrintCsv(parsed, terminal, [.. items], type);
            return;
        }
        foreach (var line in parsed.GetValue(_json) ? items.Select(item => item.ToString()!) : toLines(items))
        {
            terminal.Line(line);
        }
    }

    void PrintCsv(ParseResult parsed, Terminal terminal, IReadOnlyList<IMessage> answers, MessageDescriptor type)
    {
        foreach (var line in AnswerCsv.ToLines(answers, type, parsed.GetValue(_csv)))
        {
            terminal.Output.Write(line);
        }
    }
}
