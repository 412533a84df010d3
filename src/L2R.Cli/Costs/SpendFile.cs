using System.Globalization;
using System.Text;
using CsvHelper;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Costs;

/// <summary>Spends as a person writes and reads them.</summary>
static class SpendFile
{
    const int LongestName = 24;

    public static string[] Header { get; } = ["channel", "campaign", "first_date", "last_date", "cost", "currency"];

    /// <exception cref="CommandFailedException">There is no such file, or a line of it is broken: the message says which and why.</exception>
    public static IReadOnlyList<Spend> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailedException($"There is no file {path}.");
        }
        using var csv = CsvReader.Create(
            new StreamReader(path, Encoding.UTF8), new CsvReaderOptions { HasHeader = false, TrackLineNumbers = true }, leaveOpen: false);
        if (!csv.Read() || !csv.Current.ToArray().SequenceEqual(Header))
        {
            throw new CommandFailedException($"{path} does not begin with the header {string.Join(',', Header)}.");
        }
        List<Spend> spends = [];
        List<string> problems = [];
        while (csv.Read())
        {
            try
            {
                spends.Add(Read(csv.Current.ToArray()));
            }
            catch (FormatException problem)
            {
                problems.Add($"line {csv.LineNumber}: it takes {problem.Message}");
            }
        }
        return problems.Count == 0 ? spends : throw new CommandFailedException($"{path}: {string.Join("; ", problems.Take(10))}. Nothing was added.", ExitCodes.Rejects);
    }

    /// <summary>An amount and its currency, as in 310.50 EUR.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Money ReadCost(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var amount, { Length: 3 } currency]
        && decimal.TryParse(amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cost) && cost <= long.MaxValue
            ? cost.ToMoney(currency)
            : throw new FormatException($"an amount and its currency, as in 310.50 EUR; not '{text}'");

    /// <summary>Those that are wanted and not there: of two equal ones both are wanted.</summary>
    public static IReadOnlyList<Spend> Missing(IReadOnlyList<Spend> wanted, IEnumerable<Spend> stored)
    {
        var left = stored.Select(Said).ToList();
        return [.. wanted.Where(spend => !left.Remove(spend))];
    }

    public static IEnumerable<string> ToLines(IReadOnlyCollection<Spend> spends, string? tenant)
    {
        if (spends.Count == 0)
        {
            return [$"No spends of {(tenant is null ? "the token's tenant" : $"tenant {tenant}")}: ./l2r spend add adds one."];
        }
        var table = new TextTable("channel", "campaign", "from", "to", "cost");
        foreach (var spend in spends)
        {
            table.Add(
                TargetTable.Cut(spend.Channel, LongestName), TargetTable.Cut(spend.Campaign, LongestName), Text(spend.FirstDate), Text(spend.LastDate), Figure.Money(spend.Cost));
        }
        return table.ToLines();
    }

    /// <summary>Only what a caller says of it.</summary>
    static Spend Said(Spend spend) => new()
    {
        Channel = spend.Channel,
        Campaign = spend.Campaign,
        FirstDate = spend.FirstDate,
        LastDate = spend.LastDate,
        Cost = spend.Cost,
    };

    static Spend Read(string[] cells) => cells.Length == Header.Length
        ? new()
        {
            Channel = cells[0],
            Campaign = cells[1],
            FirstDate = ReviewTable.ReadDay(cells[2]),
            LastDate = ReviewTable.ReadDay(cells[3]),
            Cost = ReadCost($"{cells[4]} {cells[5]}"),
        }
        : throw new FormatException($"{Header.Length} fields, and has {cells.Length}");

    static string Text(Date date) => string.Create(CultureInfo.InvariantCulture, $"{date.Year:0000}-{date.Month:00}-{date.Day:00}");
}
