using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Follows one journey row by row, in the ledger's order.</summary>
/// <remarks>
/// Each row moves the journey to where it says, with two exceptions. Once an opportunity is won the journey stays CLOSED_WON, whatever
/// follows. An opportunity that is lost beside an open one ends nothing, and of journeys that a merge made one no exit ends anything
/// while another is open. Every entry of a stage is a stay all the same, so that
/// stock is always entries less departures.
/// </remarks>
sealed class JourneyWalk(DateTimeOffset asOf)
{
    readonly List<Stay> _stays = [];
    readonly List<Mismatch> _mismatches = [];
    readonly List<LossBeside> _losses = [];
    HashSet<Guid>? _open;
    bool _isWon;
    int _reachedRanks;

    public Reached?[] Reached { get; } = new Reached?[Stages.Waterfall.Count];

    public List<Stay> Stays => _stays;

    /// <summary>The index of the stay that the journey stands in. -1 before the first row.</summary>
    public int Standing { get; private set; } = -1;

    public bool HasOtherRows { get; private set; }

    public IReadOnlyList<Mismatch> Mismatches => _mismatches;

    public IReadOnlyList<LossBeside> LossesBeside => _losses;

    /// <summary>Since when it is ended or won. Null while it is open.</summary>
    public DateTimeOffset? EndedAt => Stands >= Stage.ClosedWon ? _stays[Standing].Entered : null;

    /// <param name="values">As known by this row.</param>
    /// <param name="isOpenBeside">Of several journeys that are one: whether after this row one of them is open.</param>
    public void Add(Transition row, Dimensions values, bool isOpenBeside = false)
    {
        var to = row.To!.Value;
        if (row.From != Stands)
        {
            _mismatches.Add(new Mismatch(row.OccurredAt, values));
        }
        TrackOpportunities(row);
        if (to.IsStage())
        {
            for (; _reachedRanks <= to.Rank(); _reachedRanks++)
            {
                Reached[_reachedRanks] = new Reached(row.OccurredAt, to, values);
            }
        }

        var moves = Moves(to, isOpenBeside);
        if (moves && Standing >= 0)
        {
            _stays[Standing] = _stays[Standing] with { Left = row.OccurredAt };
        }
        if (moves)
        {
            Standing = _stays.Count;
        }
        if (moves || to.IsStage())
        {
            _stays.Add(new Stay(to, row.OccurredAt, moves ? null : row.OccurredAt, values)
            {
                OpportunityId = row.OpportunityId,
                Amount = row.Amount,
                Currency = row.Currency,
                Reason = to.IsExit() && row.Reason.Length > 0 ? row.Reason : null,
                RecordedAt = row.RecordedAt,
                Origin = row.Origin,
                IsLate = row.RecordedAt > asOf,
                Stood = moves,
            });
        }
        else
        {
            HasOtherRows = true;
            if (to == Stage.ClosedLost)
            {
                _losses.Add(new(_stays.Count, row.OccurredAt, values, row.OpportunityId, row.Amount, row.Currency));
            }
        }
    }

    Stage? Stands => Standing < 0 ? null : _stays[Standing].Stage;

    void TrackOpportunities(Transition row)
    {
        switch (row.To)
        {
            case Stage.Opportunity:
                (_open ??= []).Add(row.OpportunityId ?? row.TransitionId);
                break;
            case Stage.ClosedWon or Stage.ClosedLost:
                _isWon |= row.To == Stage.ClosedWon;
                if (row.OpportunityId is { } closed)
                {
                    _open?.Remove(closed);
                }
                else
                {
                    _open?.Clear(); // the latest is closed, the others are replaced
                }
                break;
        }
    }

    bool Moves(Stage to, bool isOpenBeside)
    {
        var endsNothing = to.IsExit() && (isOpenBeside || (to == Stage.ClosedLost && _open is { Count: > 0 }));
        var standsThere = to.IsExit() && Stands == to; // the exit that was taken first stands
        return !endsNothing && !standsThere && (!_isWon || to == Stage.ClosedWon);
    }
}
