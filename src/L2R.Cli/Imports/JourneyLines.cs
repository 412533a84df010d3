using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Imports;

/// <summary>The lines of one journey: derives where each row comes from, and whose it is.</summary>
sealed class JourneyLines
{
    readonly List<(FileLine Line, (DateTimeOffset At, long Seq, int Rank) Place)> _lines = [];

    /// <summary>In the order of the file.</summary>
    public void Add(FileLine line)
    {
        // A broken line has no time that could be trusted: it stands after the one above it.
        var place = line is FileLine.Row { Transition: var row, To: var to }
            ? (row.OccurTime.ToDateTimeOffset(), row.SourceSeq, to.Rank())
            : _lines.Count > 0 ? _lines[^1].Place : default;
        _lines.Add((line, place));
    }

    /// <summary>Follows the journey in the order of (occurred_at, source_seq, rank, line).</summary>
    /// <param name="onRow">Given each row that goes in, with <c>from</c> set, its owner, and whether it becomes an entry in the ledger.</param>
    /// <param name="onRefusal">Given each line that doesn't; of several that fail for one cause, the first.</param>
    /// <param name="onRepeat">Given each row that says the same as an earlier one under the same key.</param>
    public void Follow(Action<FileLine.Row, Owner, bool> onRow, Action<Refusal> onRefusal, Action<FileLine.Row> onRepeat)
    {
        var seen = new Dictionary<long, ImportedTransition>();
        var isWon = false;
        Stage? from = null;
        (Refusal Cause, Stage? To)? gap = null; // since the last row that went in
        foreach (var line in InOrder())
        {
            if (line is FileLine.Broken broken)
            {
                Refuse(new Refusal(broken.Line, "LINE_INVALID", broken.Cause), broken.To);
                continue;
            }

            var row = (FileLine.Row)line;
            if (!seen.TryAdd(row.Transition.SourceSeq, row.Transition))
            {
                Repeat(row, seen[row.Transition.SourceSeq]);
            }
            else if (Moves.OwnerOf(from, row.To, Ledger.Domain.Origin.Import) is { } owner)
            {
                row.Transition.From = from.ToProto();
                onRow(row, owner, IsEntry(row, from, isWon));
                isWon |= row.To == Stage.ClosedWon;
                (from, gap) = (isWon ? Stage.ClosedWon : row.To, null); // once won it stays won, as the ledger has it
            }
            else if (gap is { } open && (open.To is null || Moves.OwnerOf(open.To, row.To, Ledger.Domain.Origin.Import) is not null))
            {
                open.Cause.LaterLines.Add(row.Line);
                gap = (open.Cause, row.To);
            }
            else
            {
                Refuse(new Refusal(row.Line, "MOVE_NOT_ALLOWED", Explain(from, row.To)), row.To);
            }
        }

        void Refuse(Refusal refusal, Stage? to)
        {
            onRefusal(refusal);
            gap = (refusal, to);
        }

        void Repeat(FileLine.Row row, ImportedTransition first)
        {
            if (HasSameContent(row.Transition, first))
            {
                onRepeat(row);
            }
            else
            {
                onRefusal(new Refusal(row.Line, "KEY_REUSED",
                    $"line {first.Line} has the same journey and source_seq, and other content: number the rows of a journey apart"));
            }
        }
    }

    /// <summary>The lines that rest on lines which the services refused: no move leads to them without those.</summary>
    /// <param name="refused">Lines of this journey that went out and were refused.</param>
    public IEnumerable<long> FindLinesThatRestOn(IReadOnlySet<long> refused)
    {
        var without = new JourneyLines();
        foreach (var (line, _) in _lines.Where(line => line.Line is FileLine.Row))
        {
            without.Add(refused.Contains(line.Line) ? new FileLine.Broken(line.Line, line.JourneyKey, ((FileLine.Row)line).To, "") : line);
        }
        var refusals = new List<Refusal>();
        without.Follow((_, _, _) => { }, refusals.Add, _ => { });
        return refusals.SelectMany(refusal => refusal.LaterLines);
    }

    IEnumerable<FileLine> InOrder() => _lines.OrderBy(line => line.Place).ThenBy(line => line.Line.Line).Select(line => line.Line);

    /// <summary>As the ledger counts: each stage; an exit unless the journey stands there, is won, or may have other open opportunities.</summary>
    static bool IsEntry(FileLine.Row row, Stage? from, bool isWon) =>
        row.To.IsStage() || (!isWon && from != row.To && (row.To != Stage.ClosedLost || row.Transition.OpportunityKey.Length == 0));

    static bool HasSameContent(ImportedTransition row, ImportedTransition other)
    {
        var copy = row.Clone();
        (copy.Line, copy.From) = (other.Line, other.From);
        return copy.Equals(other);
    }

    static string Explain(Stage? from, Stage to)
    {
        var possible = string.Join(", ", Moves.From(from, Ledger.Domain.Origin.Import).Select(move => move.To.Name()));
        return $"no journey moves from {from?.Name() ?? "no stage"} to {to.Name()}; from there it may move to {possible}";
    }
}
