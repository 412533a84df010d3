using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Tests.Domain;

/// <summary>A random ledger and a random question to it.</summary>
/// <remarks>
/// Drawn from few leads, opportunities and instants, so that skips, ties, re-entries, rows after exits and wins, several opportunities,
/// corrections of corrections, withdrawals, late rows, and merges with their undos are the rule. A row, a merge and the question are
/// decoded from plain numbers, so that a counter-example shrinks by leaving rows and merges out.
/// </remarks>
sealed partial class RandomCase(int[] question, int[][] rowNumbers, int[][] mergeNumbers)
{
    const int MaxRows = 30;
    const int Leads = 3;

    static readonly DateTimeOffset Start = new(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);
    static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"); // its clocks change on 29 March
    static readonly string?[] Values = [null, null, "a", "b"];
    static readonly Dimensions Shared = new() { Team = "b", Segment = "a", Custom = CustomOf("a", null) };
    static readonly Dimension[] Grouping =
    [
        Dimension.Channel, Dimension.Team, Dimension.Segment, Dimension.PolicyVersion,
        Dimension.Custom("tier"), Dimension.Custom("desk", DimensionKind.AtEntry),
    ];

    /// <summary>The last instant that any row or question may have.</summary>
    public static DateTimeOffset End { get; } = At(80);

    public static Arbitrary<RandomCase> Any { get; } = Arb.From(
        from question in Gen.Choose(0, 9999).ArrayOf(16)
        from rows in Gen.Sized(size => Gen.Choose(0, 9999).ArrayOf(18).ArrayOf(Math.Min(size, MaxRows)))
        from count in Gen.Choose(-2, 4)
        from merges in Gen.Choose(0, 9999).ArrayOf(5).ArrayOf(Math.Max(0, count))
        select new RandomCase(question, [.. rows.Select((row, id) => row.Append(id).ToArray())], [.. merges.Select((merge, id) => merge.Append(id).ToArray())]),
        large => large.WithoutOne());

    public IReadOnlyList<Transition> Rows { get; } = [.. rowNumbers.Select(RowOf)];

    public IReadOnlyList<LeadMerge> Merges { get; } = [.. mergeNumbers.SelectMany(MergeOf)];

    public WaterfallQuery Query { get; private init; } = QueryOf(question);

    /// <summary>The same question, put differently.</summary>
    public RandomCase With(Func<WaterfallQuery, WaterfallQuery> change) => new(question, rowNumbers, mergeNumbers) { Query = change(Query) };

    public IReadOnlyList<JourneyFacts> Facts() => FactsAt(Query.AsOf, Query.KnownAt);

    public IReadOnlyList<JourneyFacts> FactsAt(DateTimeOffset asOf, DateTimeOffset knownAt) =>
        [.. FactsOf(Rows, asOf, knownAt)];

    /// <param name="rows">Those of the case, changed.</param>
    public IEnumerable<JourneyFacts> FactsOf(IEnumerable<Transition> rows, DateTimeOffset asOf, DateTimeOffset knownAt) =>
        People(rows, knownAt).SelectMany(person => FactsOf(person.Key, person, asOf, knownAt));

    public WaterfallAnswer Answer()
    {
        var waterfall = new Waterfall(Query);
        foreach (var journey in Facts())
        {
            waterfall.Add(journey);
        }
        return waterfall.ToAnswer();
    }

    public FlowAnswer FlowAnswer(int maxPeriods = int.MaxValue)
    {
        var scope = new JourneyScope
        {
            AsOf = Query.AsOf,
            KnownAt = Query.KnownAt,
            From = Query.From,
            To = Query.To,
            Filters = Query.Filters,
            Journeys = Query.Journeys,
        };
        return Facts().Gather(() => new Flow(scope, Query.Periods, maxPeriods)).ToAnswer();
    }

    /// <summary>The question against the same one at other instants.</summary>
    public KnownComparisonAnswer Comparison(WaterfallQuery baseline)
    {
        var comparison = new KnownComparison(baseline, Query);
        var columns = new LedgerColumns();
        columns.Apply(FoldedAt([.. News().Where(news => news.At <= Query.KnownAt).Select(news => news.Lead)], Query.KnownAt));
        var others = comparison.AddUnchanged(columns.Current.KnownAt(baseline.KnownAt).Columns, CancellationToken.None);
        var changed = News().Where(news => news.At > baseline.KnownAt && news.At <= Query.KnownAt).Select(news => news.Lead).ToList();
        var people = People(Rows.Where(row => row.RecordedAt <= Query.KnownAt), Query.KnownAt).ToDictionary(person => person.Key);
        foreach (var family in Families([.. changed, .. others], Query.KnownAt))
        {
            var merged = family.MergedBetween(baseline.KnownAt, Query.KnownAt).ToList();
            foreach (var lead in family.Leads.Where(lead => family.Leads.Any(changed.Contains) || others.Contains(lead)))
            {
                comparison.Add([.. people.TryGetValue(lead, out var rows) ? rows : Enumerable.Empty<Transition>()], isMergedAnew: merged.Contains(lead));
            }
        }
        return comparison.ToAnswer(With(_ => baseline).Answer(), Answer());
    }

    public override string ToString() =>
        string.Join('\n', Rows.OrderBy(row => row.JourneyId).ThenBy(row => row, Transition.Order).Select(row =>
            $"{row.JourneyId:N} {row.TransitionId:N} {row.To,-12} {row.OccurredAt:MM-dd HH} {row.RecordedAt:MM-dd HH} {row.SourceSeq} " +
            $"supersedes {row.Supersedes:N} opportunity {row.OpportunityId:N} {row.Amount}{row.Currency} " +
            $"{row.PolicyVersion} {row.Dimensions}")
            .Concat(Merges.Select(merge => merge.ToString()))
            .Append(Query.ToString()));

    static DateTimeOffset At(int halfDays) => Start.AddHours(12 * halfDays);

    static Guid Id(int kind, int number) => new(number, (short)kind, 0, new byte[8]);

    static Transition RowOf(int[] number)
    {
        var occurredAt = At(number[0] % 60);
        var lead = number[18] % Leads;
        var supersedes = number[2] % 5 == 0 ? Id(1, (number[3] % (MaxRows / Leads) * Leads) + lead) : (Guid?)null; // of the same lead
        var hasAmount = number[4] % 3 > 0;
        return new Transition
        {
            TransitionId = Id(1, number[18]),
            LeadId = Id(2, lead),
            JourneyId = Id(3, (lead * 2) + (number[5] % 2)),
            OpportunityId = number[6] % 4 == 0 ? Id(4, number[7] % 2) : null,
            From = number[1] % 2 == 0 ? null : (Stage)(number[1] / 2 % 10),
            To = supersedes is not null && number[8] % 2 == 0 ? null : StageOf(number[9], number[0] % 60),
            OccurredAt = occurredAt,
            RecordedAt = number[10] % 3 == 0 ? occurredAt.AddHours(12 * (number[11] % 20)) : occurredAt,
            SourceSeq = number[12] % 4,
            PolicyVersion = Values[number[13] % 4],
            Origin = number[11] / 20 % 4 == 0 ? Origin.Import : Origin.Live,
            Reason = Values[number[13] / 4 % 4] ?? "",
            Amount = hasAmount ? number[14] % 100 : null,
            Currency = hasAmount ? (number[14] % 2 == 0 ? "EUR" : "USD") : null,
            Supersedes = supersedes,
            Dimensions = (number[17] / 4 % 6) switch
            {
                0 => Dimensions.None,
                1 => Shared,
                _ => new Dimensions
                {
                    Channel = Values[number[15] % 4],
                    Team = Values[number[16] % 4],
                    Segment = Values[number[17] % 4],
                    Custom = CustomOf(Values[number[4] / 4 % 4], Values[number[6] / 4 % 4]),
                },
            },
        };
    }

    /// <summary>Half of the rows walk down the waterfall with time; the others are anywhere.</summary>
    static Stage StageOf(int number, int halfDays) => (Stage)(number % 2 == 0 ? halfDays / 10 : number / 2 % 10);

    static Dictionary<string, string> CustomOf(string? tier, string? desk) =>
        new[] { (Name: "tier", Value: tier), (Name: "desk", Value: desk) }
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Name, pair => pair.Value!);

    static WaterfallQuery QueryOf(int[] number)
    {
        var from = number[0] % 3 == 0 ? At(number[1] % 60) : (DateTimeOffset?)null;
        return new WaterfallQuery
        {
            AsOf = At(30 + (number[2] % 50)),
            KnownAt = At(30 + (number[3] % 50)),
            From = from,
            To = number[4] % 3 == 0 ? (from ?? Start).AddHours(7 * (number[5] % 80)) : null,
            CohortBy = number[6] % 4 == 0 ? (Stage)(number[7] % 6) : null,
            Periods = number[8] % 2 == 0 ? new ReportingCalendar((PeriodKind)(number[9] % 5), Zone, fiscalStartMonth: 4) : null,
            GroupBy = [.. new[] { Grouping[number[10] % 6], Grouping[number[11] % 6] }.Take(number[12] % 3)],
            Filters = number[13] % 3 == 0 ? [new DimensionFilter(Grouping[number[14] % 6], ["a", null])] : [],
            Journeys = (JourneySelection)(number[15] % 3),
            Horizons = [TimeSpan.Zero, TimeSpan.FromHours(12), TimeSpan.FromDays(5), TimeSpan.FromDays(15)],
            CurveTimes = [TimeSpan.Zero, TimeSpan.FromHours(12), TimeSpan.FromDays(5), TimeSpan.FromDays(15), TimeSpan.FromDays(90)],
        };
    }

    IEnumerable<RandomCase> WithoutOne() =>
    [
        .. mergeNumbers.Select(merge => new RandomCase(question, rowNumbers, [.. mergeNumbers.Where(other => other != merge)]) { Query = Query }),
        .. rowNumbers.Select(row => new RandomCase(question, [.. rowNumbers.Where(other => other != row)], mergeNumbers) { Query = Query }),
    ];
}
