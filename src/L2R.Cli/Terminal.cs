using Spectre.Console;

namespace L2R.Cli;

/// <summary>What people see: tables on standard output, sentences on standard error, plain text where it is not a terminal.</summary>
sealed class Terminal
{
    // Every row of a table is one line: a narrow terminal wraps it, which reads better than cells of one letter a line.
    const int WidthOfTables = 200;

    static readonly TimeSpan LinePause = TimeSpan.FromSeconds(2);
    static readonly TimeSpan BarPause = TimeSpan.FromMilliseconds(100);

    readonly IAnsiConsole _tables;
    readonly IAnsiConsole _live;

    public Terminal(TextWriter output, bool isTerminal)
    {
        Output = output;
        IsTerminal = isTerminal;
        _live = Create(output, isTerminal);
        _tables = Create(output, isTerminal: false);
        _tables.Profile.Width = WidthOfTables;
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
        var table = new Table { Border = TableBorder.None };
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

    /// <summary>Shows how far some work is until it ends: a bar on a terminal, elsewhere a line now and then.</summary>
    /// <param name="betweenLines">2 s unless given.</param>
    public async Task FollowAsync(Func<WorkState> read, Task work, TimeSpan? betweenLines = null)
    {
        if (!IsTerminal)
        {
            while (await Task.WhenAny(work, Task.Delay(betweenLines ?? LinePause, TimeProvider.System)) != work)
            {
                Step(read().ToString());
            }
        }
        else
        {
            await _live.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(read().ToString())); // an empty one is refused
                do
                {
                    Show(bar, read());
                }
                while (await Task.WhenAny(work, Task.Delay(BarPause, TimeProvider.System)) != work);
                Show(bar, read());
            });
        }
        await work;
    }

    static void Show(ProgressTask bar, WorkState state)
    {
        bar.Description = Markup.Escape(state.ToString());
        bar.MaxValue = Math.Max(1, state.Total);
        bar.Value = Math.Min(state.Done, state.Total);
    }

    /// <summary>Asks on a terminal; elsewhere the answer is no.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        if (!IsTerminal || Console.IsInputRedirected)
        {
            return false;
        }
        await Output.WriteAsync($"{question} [y/N] ");
        // Nothing ends a read of the terminal: it is left behind, and ends with the process.
        var answer = await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    static IAnsiConsole Create(TextWriter output, bool isTerminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
    });
}
