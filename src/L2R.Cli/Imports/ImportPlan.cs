using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Imports;

/// <summary>What of a file goes to whom, and what is refused before anything is sent.</summary>
/// <remarks>
/// It holds the rows of the whole file, about 500 bytes each: where a journey comes from is known only once its lines are in order,
/// and a file may have them anywhere.
/// </remarks>
sealed class ImportPlan
{
    readonly Dictionary<string, JourneyLines> _journeys = [];
    readonly Dictionary<long, (string JourneyKey, Stage? Entry)> _sent = [];
    readonly List<Refusal> _refusals = [];

    ImportPlan() { }

    /// <summary>Lines with data.</summary>
    public long LineCount { get; private set; }

    /// <summary>Journeys with a row that goes in.</summary>
    public int JourneyCount { get; private set; }

    /// <summary>The rows of each owner, in the order of the file.</summary>
    public IReadOnlyDictionary<Owner, List<ImportedTransition>> Rows { get; } =
        Enum.GetValues<Owner>().ToDictionary(owner => owner, _ => new List<ImportedTransition>());

    /// <summary>Lines that say the same as another line under the same key.</summary>
    public long RepeatCount { get; private set; }

    /// <summary>By line.</summary>
    public IReadOnlyList<Refusal> Refusals => _refusals;

    public long RowCount => Rows.Values.Sum(rows => (long)rows.Count);

    public static ImportPlan Create(IEnumerable<FileLine> lines)
    {
        var plan = new ImportPlan();
        foreach (var line in lines)
        {
            plan.LineCount++;
            plan.Add(line);
        }
        foreach (var journey in plan._journeys.Values)
        {
            journey.Follow(plan.Send, plan._refusals.Add, _ => plan.RepeatCount++);
        }
        foreach (var rows in plan.Rows.Values)
        {
            rows.Sort((left, right) => left.Line.CompareTo(right.Line));
        }
        plan.JourneyCount = plan._sent.Values.Select(row => row.JourneyKey).Distinct().Count();
        plan._refusals.Sort((left, right) => left.Line.CompareTo(right.Line));
        return plan;
    }

    /// <summary>Whether the row of a line that goes out becomes an entry in the ledger.</summary>
    public bool IsEntry(long line) => _sent[line].Entry is not null;

    /// <summary>What the services refused, with the lines that rest on it.</summary>
    public IReadOnlyList<Refusal> Explain(IReadOnlyList<ImportReject> rejects)
    {
        var refusals = rejects.ToDictionary(reject => reject.Line, reject => new Refusal(reject.Line, reject.Reason, Message(reject)));
        foreach (var journey in rejects.Where(reject => reject.Reason != "KEY_REUSED").GroupBy(reject => _sent[reject.Line].JourneyKey))
        {
            var lines = journey.Select(reject => reject.Line).ToHashSet();
            foreach (var later in _journeys[journey.Key].FindLinesThatRestOn(lines))
            {
                refusals[lines.Where(line => line < later).DefaultIfEmpty(lines.Min()).Max()].LaterLines.Add(later);
            }
        }
        return [.. refusals.Values.OrderBy(refusal => refusal.Line)];
    }

    /// <summary>How many entries of each stage and exit, by its number, the ledger has at least when all but those lines are in.</summary>
    public long[] CountEntries(IEnumerable<ImportReject> rejects)
    {
        var entries = new long[Stages.All.Count];
        var refused = rejects.Select(reject => reject.Line).ToHashSet();
        foreach (var (_, row) in _sent.Where(row => !refused.Contains(row.Key)))
        {
            if (row.Entry is { } stage)
            {
                entries[(int)stage]++;
            }
        }
        return entries;
    }

    /// <summary>In the words of who typed the command; the service speaks of its request.</summary>
    static string Message(ImportReject reject) => reject.Reason == "KEY_REUSED"
        ? "a row with this journey and source_seq was imported before with other content: --correct supersedes it"
        : reject.Message;

    void Add(FileLine line)
    {
        if (line.JourneyKey is not { } key)
        {
            var broken = (FileLine.Broken)line;
            _refusals.Add(new Refusal(line.Line, "LINE_INVALID", broken.Cause));
            return;
        }
        if (!_journeys.TryGetValue(key, out var journey))
        {
            _journeys.Add(key, journey = new JourneyLines());
        }
        journey.Add(line);
    }

    void Send(FileLine.Row row, Owner owner, bool isEntry)
    {
        Rows[owner].Add(row.Transition);
        _sent.Add(row.Line, (row.Transition.JourneyKey, isEntry ? row.To : null));
    }
}
