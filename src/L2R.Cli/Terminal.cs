using Spectre.Console;

namespace L2R.Cli;

/// <summary>What people see: tables on standard output, sentences on standard error, plain text where it is not a terminal.</summary>
sealed class Terminal
{
    // Wide enough that a file or a pipe gets every row of a table on one line.
    const int WidthOfFiles = 200;

    readonly IAnsiConsole _tables;

    public Terminal(TextWriter output, bool isTerminal)
    {
        Output = output;
        IsTerminal = isTerminal;
        _tables = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            _tables.Profile.Width = WidthOfFiles;
        }
    }

    public static Terminal Standard { get; } = new(Console.Out, isTerminal: !Console.IsOutputRedirected);

    public TextWriter Output { get; }

    public bool IsTerminal { get; }

    public void Line(string text = "") => Output.WriteLine(text);

    /// <summary>Says what is going on now, for instance "builds the solution".</summary>
    public void Step(string text) => Output.WriteLine($"l2r: {text}");

    /// <summary>Prints a table; cells are plain text, not markup.</summary>
    public void Table(IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new Table { Border = IsTerminal ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        _tables.Write(table);
    }

    /// <summary>Asks on a terminal; elsewhere the answer is no.</summary>
    public bool Confirm(string question) =>
        IsTerminal && !Console.IsInputRedirected && _tables.Confirm(Markup.Escape(question), defaultValue: false);
}
