using System.Globalization;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>A file of history, and what a ledger has that knows exactly it.</summary>
sealed record History(string Path, IReadOnlyList<string> Entries, decimal WonEur)
{
    const int Journeys = 6_000;

    /// <summary>The loans where they are, else a seeded file of the same shape.</summary>
    public static History Find() => Read(Repository.Loans is { } folder ? System.IO.Path.Combine(folder, "transitions.csv") : Generate());

    static History Read(string path)
    {
        var rows = File.ReadLines(path).Skip(1).Select(line => line.Split(',')).ToList();
        return new History(
            path,
            [
                .. Ledger.Domain.Stages.All.Select(stage => Ledger.Domain.Stages.Name(stage))
                    .Select(stage => (Stage: stage, Count: rows.Count(row => row[1] == stage)))
                    .Where(entry => entry.Count > 0)
                    .Select(entry => $"{entry.Stage} {entry.Count}"),
            ],
            rows.Where(row => row[1] == "CLOSED_WON").Sum(row => decimal.Parse(row[5], CultureInfo.InvariantCulture)));
    }

    static string Generate()
    {
        string[][] walks =
        [
            ["LEAD", "DISQUALIFIED"],
            ["LEAD", "MQL", "REJECTED"],
            ["LEAD", "MQL", "SAL", "SQL", "OPPORTUNITY", "OPPORTUNITY", "CLOSED_WON"],
            ["LEAD", "MQL", "SAL", "SQL", "OPPORTUNITY", "CLOSED_LOST"],
            ["LEAD", "MQL", "SAL", "DISQUALIFIED"],
        ];
        var random = new Random(20_120_314);
        var path = System.IO.Path.Combine(AppContext.BaseDirectory, "generated.csv");
        using var file = new StreamWriter(path);
        file.WriteLine("case_id,stage,occurred_at,actor,reason,amount_eur,source_seq");
        for (var journey = 1; journey <= Journeys; journey++)
        {
            var at = new DateTimeOffset(2011, 10, 1, 0, 0, 0, TimeSpan.FromHours(2)).AddSeconds(random.Next(10_000_000));
            var amount = random.Next(1, 100) * 500;
            foreach (var (seq, stage) in walks[random.Next(walks.Length)].Index())
            {
                at = at.AddMilliseconds(random.Next(1, 1_000_000));
                file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{journey},{stage},{at:yyyy-MM-dd'T'HH:mm:ss.fffzzz},{random.Next(100, 200)},,{amount},{seq}"));
            }
        }
        return path;
    }
}
