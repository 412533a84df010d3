using System.Globalization;

namespace L2R.Cli.Bench;

/// <summary>Makes up history in the shape of the bank's loans: their columns, their moves and, about, how often each is taken.</summary>
static class HistoryFile
{
    public const int Journeys = 13_087;
    public const int Seed = 20_111_001;

    static readonly DateTimeOffset Start = new(2011, 10, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Span = TimeSpan.FromDays(150);

    // Of each stage: where a journey goes next, how many in a thousand, and after how many hours on average. The others stay.
    static readonly Dictionary<string, (string To, int PerThousand, double Hours)[]> Moves = new()
    {
        ["LEAD"] = [("MQL", 563, 0.1), ("DISQUALIFIED", 437, 20)],
        ["MQL"] = [("SAL", 694, 20), ("REJECTED", 297, 60)],
        ["SAL"] = [("SQL", 981, 0.5), ("DISQUALIFIED", 18, 30)],
        ["SQL"] = [("OPPORTUNITY", 1000, 1)],
        ["OPPORTUNITY"] = [("OPPORTUNITY", 287, 150), ("CLOSED_LOST", 347, 300), ("CLOSED_WON", 319, 250)],
    };

    /// <summary>Writes CSV with the columns of the map <c>loans</c>, in the order of time. The same seed writes the same text.</summary>
    public static void Write(TextWriter file, int journeys, int seed)
    {
        var random = new Random(seed);
        file.Write("case_id,stage,occurred_at,actor,reason,amount_eur,source_seq\n");
        var rows = Enumerable.Range(0, journeys).SelectMany(journey => WalkJourney(200_000 + (3 * journey), random)).ToList();
        foreach (var (_, line) in rows.OrderBy(row => row.At))
        {
            file.Write(line + '\n');
        }
    }

    static IEnumerable<(DateTimeOffset At, string Line)> WalkJourney(int caseId, Random random)
    {
        var at = Start + (Span * random.NextDouble());
        var amount = 500 * random.Next(2, 100);
        string? stage = "LEAD";
        var sequence = 0;
        while (stage is not null)
        {
            var reason = Moves.ContainsKey(stage) || stage == "CLOSED_WON" ? "" : random.Next(4) == 0 ? "cancelled" : "declined";
            yield return (at, string.Create(CultureInfo.InvariantCulture,
                $"{caseId},{stage},{at:yyyy-MM-dd'T'HH:mm:ss.fff}Z,{random.Next(10_000, 11_400)},{reason},{amount},{sequence++}"));
            var next = Draw(stage, random.Next(1000));
            // A second at least: two rows of a journey are never of one instant.
            at += TimeSpan.FromSeconds(1) - TimeSpan.FromHours(next.Hours * Math.Log(1 - random.NextDouble()));
            stage = next.To;
        }
    }

    static (string? To, double Hours) Draw(string stage, int draw)
    {
        foreach (var (to, perThousand, hours) in Moves.GetValueOrDefault(stage, []))
        {
            if (draw < perThousand)
            {
                return (to, hours);
            }
            draw -= perThousand;
        }
        return default;
    }
}
