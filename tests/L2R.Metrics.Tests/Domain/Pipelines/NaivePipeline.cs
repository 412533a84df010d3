using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Pipelines;

namespace L2R.Metrics.Tests.Domain.Pipelines;

/// <summary>One opportunity: the rows that opened, closed or replaced it, in their order.</summary>
/// <param name="Journey">Whose it is.</param>
/// <param name="Named">Null: by no row.</param>
sealed record NaiveOpportunity(NaiveJourney Journey, Guid? Named, IReadOnlyList<(Transition Row, string Outcome)> Steps)
{
    public string Outcome => Steps[^1].Outcome == "Open" && Journey.End is not null ? "Ended" : Steps[^1].Outcome;

    public Transition? Opening => Steps.FirstOrDefault(step => step.Outcome == "Open").Row;

    public Transition? LastOpening => Steps.LastOrDefault(step => step.Outcome == "Open").Row;

    public Transition Close => Steps[^1].Row;

    public Transition? Priced => Outcome == "Won"
        ? (Close.Amount is null ? null : Close)
        : Steps.Where(step => step.Outcome != "Replaced").Select(step => step.Row).LastOrDefault(row => row.Amount is not null);

    public NaiveOpportunity Then(Transition row, string outcome) => this with { Steps = [.. Steps, (row, outcome)] };

    public static List<NaiveOpportunity> Of(NaiveJourney journey)
    {
        List<NaiveOpportunity> all = [];
        foreach (var row in journey.Rows)
        {
            var last = Last(all, each => row.OpportunityId is null || each.Named == row.OpportunityId);
            var open = row.OpportunityId is null ? Last(all, each => each.Steps[^1].Outcome == "Open") : null;
            var fresh = new NaiveOpportunity(journey, row.OpportunityId, []);
            switch (row.To)
            {
                case Stage.Opportunity:
                    Replace(row.OpportunityId is null || last?.Outcome == "Won" ? null : last, each => (each ?? fresh).Then(row, "Open"));
                    break;
                case Stage.ClosedWon or Stage.ClosedLost:
                    var outcome = row.To == Stage.ClosedWon ? "Won" : "Lost";
                    if (open is not null)
                    {
                        all = [.. all.Select(each => each == open || each.Steps[^1].Outcome != "Open" ? each : each.Then(row, "Replaced"))];
                    }
                    var closed = open ?? last;
                    if (closed is null || (closed.Outcome == "Won" && outcome == "Won"))
                    {
                        all.Add(fresh.Then(row, outcome));
                    }
                    else if (closed.Steps[^1].Outcome is not "Won" && closed.Steps[^1].Outcome != outcome)
                    {
                        Replace(closed, each => each!.Then(row, outcome));
                    }
                    break;
            }
        }
        return all;

        void Replace(NaiveOpportunity? before, Func<NaiveOpportunity?, NaiveOpportunity> change) =>
            all = [.. all.Where(each => each != before), change(before)];

        // By when it was entered, or closed where it never was.
        NaiveOpportunity? Last(List<NaiveOpportunity> among, Func<NaiveOpportunity, bool> which) =>
            among.Where(which).MaxBy(each => journey.Rows.IndexOf(each.LastOpening ?? each.Steps[0].Row));
    }
}

/// <summary>Handoff and pipeline as the definitions say them, each figure asked of the rows anew.</summary>
sealed class NaivePipeline(RandomCase given, PipelineQuery query)
{
    readonly NaiveAnswers _answers = new(given);

    List<NaiveOpportunity> Opportunities => field ??= [.. _answers.Journeys.SelectMany(NaiveOpportunity.Of)];

    IEnumerable<NaiveOpportunity> Closed => Opportunities.Where(each => each.Outcome is "Won" or "Lost" && Asked(each.Journey, each.Close));

    /// <summary>A line for each row.</summary>
    public IEnumerable<string> Rows()
    {
        var reached = _answers.By(Stage.Mql).ToLookup(journey => Key(journey, journey.Reach(Stage.Mql)!));
        var opened = Opportunities.Where(each => each.Opening is { } row && Asked(each.Journey, row)).ToLookup(each => Key(each.Journey, each.Opening!));
        var closed = Closed.ToLookup(each => Key(each.Journey, each.Close));
        var keys = reached.Select(group => group.Key).Concat(opened.Select(group => group.Key)).Concat(closed.Select(group => group.Key));
        return (query.Periods is null && query.GroupBy.Count == 0 ? keys.Append("") : keys).Distinct()
            .Select(key => $"{key}: {Handoff([.. reached[key]])}; {Opened([.. opened[key]])}; {ClosedOf([.. closed[key]])}");
    }

    /// <summary>A line for each combination of values.</summary>
    public IEnumerable<string> Open()
    {
        var open = Opportunities.Where(each => each.Outcome == "Open" && _answers.Matches(each.Journey, each.LastOpening!)).ToLookup(each => Values(each.Journey, each.LastOpening!));
        var closed = Closed.ToLookup(each => Values(each.Journey, each.Close));
        var keys = open.Select(group => group.Key).Concat(closed.Select(group => group.Key));
        return (query.GroupBy.Count == 0 ? keys.Append("") : keys).Distinct().Select(key =>
        {
            var wins = closed[key].Where(each => each.Outcome == "Won").ToList();
            var timed = wins.Where(each => each.Opening is not null).Select(each => (each.Close.OccurredAt - each.Opening!.OccurredAt).TotalDays).ToList();
            var priced = wins.Where(each => each.Priced?.Currency == "EUR").Select(each => (double)each.Priced!.Amount!).ToList();
            var perDay = timed.Count > 0 && priced.Count > 0 && timed.Average() > 0
                ? open[key].Count() * ((double)wins.Count / closed[key].Count()) * priced.Average() / timed.Average() : (double?)null;
            return Line(key, open[key].Count(), Amounts(open[key]), closed[key].Count(), wins.Count, priced.Count, timed.Count, perDay);
        });
    }

    public static string Line(string key, long open, string amounts, long closed, long won, long priced, long timed, double? perDay) =>
        FormattableString.Invariant($"{key}: {open} open {amounts} of {won}/{closed} {priced} priced {timed} timed {perDay:0.######} a day");

    string Handoff(List<NaiveJourney> reached)
    {
        var cohort = reached.Where(journey => !(journey.Reach(Stage.Lead)!.To > Stage.Mql)).ToList();
        var decisions = cohort.Select(journey => Steps(journey).FirstOrDefault()).OfType<Transition>().ToList();
        var acted = cohort.Where(journey => Action(journey) is not null).ToList();
        var timed = acted.Where(journey => !journey.IsInferred(Stage.Mql) && Action(journey)!.To is Stage.Sal or Stage.Rejected)
            .Select(journey => (Action(journey)!.OccurredAt - journey.Reach(Stage.Mql)!.OccurredAt).TotalDays).Order().ToList();
        var due = cohort.GroupBy(Due).ToDictionary(group => group.Key, group => group.Count());
        return FormattableString.Invariant(
            $"{cohort.Count} above {reached.Count - cohort.Count} accepted {decisions.Count(row => row.To < Stage.Disqualified)}/{decisions.Count} ")
            + FormattableString.Invariant($"acted {timed.Count} inferred {acted.Count - timed.Count} median {Quantile.OfFigures(timed, 0.5):0.###} p90 {Quantile.OfFigures(timed, 0.9):0.###} ")
            + string.Join(' ', new[] { "met", "breached", "not yet due", "ended", "inferred" }.Select(state => $"{state} {due.GetValueOrDefault(state)}"));
    }

    string Due(NaiveJourney journey)
    {
        var due = journey.Reach(Stage.Mql)!.OccurredAt + query.ResponseSla!.Value;
        return journey.IsInferred(Stage.Mql) ? "inferred"
            : Action(journey)?.OccurredAt <= due ? "met"
            : journey.StandsIn(journey.Rows.Count(row => row.OccurredAt <= due))!.To >= Stage.Disqualified ? "ended"
            : query.Scope.AsOf > due ? "breached" : "not yet due";
    }

    /// <summary>The rows from R_MQL on that enter SAL or beyond, or an exit in which the journey came to stand.</summary>
    static IEnumerable<Transition> Steps(NaiveJourney journey) => journey.Rows.SkipWhile(row => row != journey.Reach(Stage.Mql))
        .Where(row => row.To is >= Stage.Sal and <= Stage.ClosedWon
            || (row.To >= Stage.Disqualified && journey.StandsIn(journey.Rows.IndexOf(row) + 1) == row));

    static Transition? Action(NaiveJourney journey) => Steps(journey).FirstOrDefault(row => row.To is <= Stage.ClosedWon or Stage.Rejected);

    static string Opened(List<NaiveOpportunity> opened)
    {
        long Count(string outcome) => opened.Count(each => each.Outcome == outcome);
        return $"opened won {Count("Won")} lost {Count("Lost")} open {Count("Open")} ended {Count("Ended")} replaced {Count("Replaced")} "
            + $"{Amounts(opened.Where(each => each.Outcome != "Replaced"))}";
    }

    static string ClosedOf(List<NaiveOpportunity> closed) =>
        $"closed {closed.Count(each => each.Outcome == "Won")}/{closed.Count} unopened {closed.Count(each => each.Opening is null)} {Amounts(closed)}";

    static string Amounts(IEnumerable<NaiveOpportunity> some)
    {
        var all = some.ToList();
        var (euros, dollars) = (all.Where(each => each.Priced?.Currency == "EUR").ToList(), all.Where(each => each.Priced?.Currency == "USD").ToList());
        return Text(
            euros.Where(each => each.Outcome == "Won").Sum(each => each.Priced!.Amount!.Value), euros.Sum(each => each.Priced!.Amount!.Value),
            all.Count(each => each.Priced is null), dollars.Count == 0 ? null : dollars.Sum(each => each.Priced!.Amount!.Value));
    }

    public static string Text(decimal won, decimal total, long without, decimal? dollars) =>
        FormattableString.Invariant($"{won:0.##} of {total:0.##} EUR, {without} without, {dollars:0.##} USD");

    bool Asked(NaiveJourney journey, Transition row) => _answers.InTime(row.OccurredAt) && _answers.Matches(journey, row);

    string Key(NaiveJourney journey, Transition row) => $"{query.Periods?.PeriodOf(row.OccurredAt).Name}{Values(journey, row)}";

    string Values(NaiveJourney journey, Transition row) => string.Concat(query.GroupBy.Select(dimension => $"|{journey.ValueOf(dimension, row)}"));
}
