using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class ScopeRulesTests
{
    static readonly OutOfScopeRule Tests = new("tests", [new(Dimension.Segment, ["a"])], []);
    static readonly OutOfScopeRule Spam = new("spam", [], ["a", "b"]);
    static readonly ScopeRules[] Rules =
    [
        ScopeRules.None,
        new([Tests]),
        new([Spam]),
        new([Tests, Spam]),
        new([new("both", [new(Dimension.Channel, ["b", null]), new(Dimension.Team, ["a", null])], [])]),
        new([new("all", [new(Dimension.Channel, [null]), new(Dimension.Custom("tier"), ["a", null])], ["a"])]),
    ];

    [Fact]
    public void What_is_out_of_scope_is_in_no_figure_and_counted() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(RandomCase.Any, given =>
        {
            var query = given.Query;
            var columns = given.Columns();
            foreach (var rules in new[] { Rules[given.Rows.Count % Rules.Length], Rules[(given.Rows.Count + 1) % Rules.Length] })
            {
                var whole = given.FactsAt(DateTimeOffset.MaxValue, query.KnownAt).ToDictionary(journey => journey.JourneyId);
                List<JourneyFacts> kept = [.. given.Facts().Where(journey => !IsOut(rules, whole[journey.JourneyId]))];
                var inScope = columns.InScope(rules);

                Assert.Equal(kept.Select(journey => journey.JourneyId).Order(), inScope.Facts(query.AsOf).Select(journey => journey.JourneyId).Order());
                Assert.Equal((kept.Count, given.Facts().Count - kept.Count), (inScope.CountAt(query.AsOf), inScope.OutOfScopeAt(query.AsOf)));

                var naive = new Waterfall(query);
                kept.ForEach(naive.Add);
                Assert.Equal(
                    naive.ToAnswer().Groups.Select(group => (group.Key, string.Join(' ', Figures.Of(group)))),
                    Waterfall.Answer(inScope, query, Workers.One, CancellationToken.None).Groups.Select(group => (group.Key, string.Join(' ', Figures.Of(group)))));
            }
        }));

    [Fact]
    public void Journeys_that_were_folded_anew_are_neither_in_scope_nor_out_of_it()
    {
        var columns = new LedgerColumns();
        columns.Apply([.. Enumerable.Range(0, 200).Select(number => Lead(number, number % 2 == 0 ? "a" : "c", RandomCase.End))]);
        columns.Apply([.. Enumerable.Range(0, 10).Select(number => Lead(number, "a", RandomCase.End.AddDays(1)))]);

        var inScope = columns.Current.InScope(Rules[1]);

        Assert.Equal((95L, 105L), (inScope.CountAt(RandomCase.End), inScope.OutOfScopeAt(RandomCase.End)));
        Assert.Equal((200L, 0L), (columns.Current.CountAt(RandomCase.End), columns.Current.OutOfScopeAt(RandomCase.End)));
    }

    static FoldedLead Lead(int number, string segment, DateTimeOffset knownAt)
    {
        var id = new Guid(number, 1, 0, new byte[8]);
        var row = new Transition
        {
            TransitionId = Guid.NewGuid(),
            LeadId = id,
            JourneyId = new Guid(number, 2, 0, new byte[8]),
            To = Stage.Lead,
            OccurredAt = RandomCase.End,
            SourceSeq = 1,
            RecordedAt = knownAt,
            Dimensions = new() { Segment = segment },
        };
        return new(id, Fold.Lead([row], DateTimeOffset.MaxValue, knownAt), knownAt, knownAt);
    }

    static bool IsOut(ScopeRules rules, JourneyFacts journey) => rules.All.Any(rule =>
        rule.Dimensions.All(filter => filter.Values.Contains(filter.Dimension.ValueOf(journey, journey.Stays[0].Values)))
        && (rule.ExitReasons.Count == 0 || journey.Stays.Any(stay => stay.Reason is { } reason && rule.ExitReasons.Contains(reason))));
}
