using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace L2R.Cli.Bench;

/// <summary>What was measured, and where. <c>bench --json</c> writes it.</summary>
/// <param name="Commit">Short, with <c>+</c> where the checkout had changes.</param>
/// <param name="Seconds">Of each load, in each round.</param>
/// <param name="History">The file that was imported: <c>loans</c> or <c>generated</c>.</param>
sealed record BenchReport(
    DateTimeOffset Date, string Commit, int Seconds, string History, Machine Machine, IReadOnlyList<Figure> Figures, IReadOnlyList<ProcessMemory> Memory)
{
    public string ToJson() => JsonSerializer.Serialize(this, BenchReportJson.Default.BenchReport);

    public void Print(Terminal terminal)
    {
        terminal.Table(
            ["figure", "unit", "L2R", "raw limit", "ratio", "aim", "the limit is"],
            Figures.Select(figure => new[]
            {
                figure.Name, figure.Unit, Text(figure.Value), Text(figure.Limit), Text(figure.Ratio), Text(figure.Aim), figure.LimitName ?? "",
            }));
        terminal.Line();
        var rounds = Memory.Max(process => process.Bytes.Count);
        terminal.Table(
            ["MB of process", .. Enumerable.Range(1, rounds).Select(round => round < rounds ? $"round {round}" : "at the end")],
            Memory.Select(process => (string[])[process.Process, .. process.Bytes.Select(bytes => (bytes / 1e6).ToString("#,0", CultureInfo.InvariantCulture))]));
        terminal.Line();
        terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{Machine.Cores} cores of {Machine.Cpu}, {Machine.MemoryBytes / 1e9:0} GB, {Machine.Os}, {Machine.Dotnet}, PostgreSQL {Machine.Postgres}, load {Machine.Load:0.0} before the start"));
        terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"commit {Commit}, {Date:yyyy-MM-dd}; medians of {Figures.Max(figure => figure.Rounds.Count)} rounds of {Seconds} s; history: {History}"));
    }

    static string Text(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}

/// <summary>One figure of L2R, beside what the machine could do underneath, measured in the same rounds.</summary>
/// <param name="LimitName">What the limit is; null where there is none.</param>
/// <param name="Aim">What the project wants; null where it says nothing.</param>
sealed record Figure(string Name, string Unit, IReadOnlyList<double> Rounds, string? LimitName, IReadOnlyList<double> LimitRounds, double? Aim)
{
    /// <summary>The median of the rounds.</summary>
    public double Value => Median(Rounds);

    public double? Limit => LimitName is null ? null : Median(LimitRounds);

    /// <summary>The figure to its limit: the median over the rounds, so that a busy moment weighs on both alike.</summary>
    public double? Ratio => LimitName is null ? null : Median([.. Rounds.Zip(LimitRounds, (own, limit) => own / limit)]);

    static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return Math.Round((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, 3);
    }
}

/// <param name="Process">As the stack calls it; <c>bench</c> is the client.</param>
/// <param name="Bytes">After each round; pages that several processes share count a part in each.</param>
sealed record ProcessMemory(string Process, IReadOnlyList<long> Bytes);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
sealed partial class BenchReportJson : JsonSerializerContext;
