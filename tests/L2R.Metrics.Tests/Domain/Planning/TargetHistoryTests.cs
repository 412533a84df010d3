using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Planning;
using Xunit;
using static L2R.Metrics.Tests.Domain.Planning.Walks;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>Targets that the history suggests.</summary>
public sealed class TargetHistoryTests
{
    static readonly Measure Conversion = new Measure.Conversion(TimeSpan.FromDays(30));
    static readonly Measure Velocity = new Measure.Velocity(TimeSpan.FromDays(30));

    static SuggestionQuery Query(DateTimeOffset asOf, Dimension? dimension = null) =>
        new(new() { AsOf = asOf, KnownAt = asOf }, new(PeriodKind.Month, TimeZoneInfo.Utc), TimeSpan.FromDays(30), dimension, MaxValues: 2);

    /// <summary>In each of eight months 80 leads; in the first 40 become MQL after one day, in the second 41 after two, and so on.</summary>
    static IEnumerable<JourneyFacts> EightMonths(DateTimeOffset asOf) => Enumerable.Range(0, 8).SelectMany(month => Enumerable.Range(0, 80).Select(number =>
    {
        var at = January.AddMonths(month).AddDays(9);
        var segment = number % 2 == 0 ? "a" : null;
        return number < 40 + month
            ? Of(at, asOf, segment, null, (Stage.Lead, 0), (Stage.Mql, month + 1))
            : Of(at, asOf, segment, null, (Stage.Lead, 0));
    }));

    static IReadOnlyList<TargetSuggestion> Suggest(SuggestionQuery query) => Suggest(query, EightMonths(query.Scope.AsOf));

    static IReadOnlyList<TargetSuggestion> Suggest(SuggestionQuery query, IEnumerable<JourneyFacts> journeys)
    {
        var history = new TargetHistory(query);
        foreach (var journey in journeys)
        {
            history.Add(journey);
        }
        return history.ToAnswer();
    }

    /// <summary>By hand: of 40 to 47 the median is 43.5, the 75th percentile 45.25 (percentile_cont); of 1 to 8 days 4.5, the 25th 2.75.</summary>
    [Fact]
    public void Run_from_the_median_of_eight_periods_to_their_better_quarter()
    {
        var october = January.AddMonths(9); // by then August has been followed for 30 days

        var suggestions = Suggest(Query(october));

        Assert.Equal(18, suggestions.Count);
        Assert.Equal(
            [
                (new Measure.Volume(), 8, 43.5, 45.25), // February to September: 0 and 41 to 47
                (Conversion, 8, 43.5 / 80, 45.25 / 80),
                (Velocity, 8, 4.5, 2.75),
            ],
            suggestions.Take(3).Select(each => (each.Measure, each.Periods, Math.Round(each.Typical!.Value, 9), Math.Round(each.Ambitious!.Value, 9))));
        Assert.Equal(
            ["LEAD → MQL: 44 to 45 a month.", "LEAD → MQL: 54% to 57% within 30 days.", "LEAD → MQL: half within 4.5 days to 2.8 days."],
            suggestions.Take(3).Select(each => each.Sentence(Query(october))));
        Assert.Equal((8, 0), (suggestions[4].Periods, suggestions[4].Typical)); // MQL→SAL: 40 to 47 were at risk, none converted
        Assert.Equal((0, null), (suggestions[7].Periods, suggestions[7].Typical)); // SAL→SQL: none was at risk
    }

    /// <summary>Each month 20 more convert on the 31st day: at risk, and not within the horizon. 20 start as MQL: never at risk, and volume all the same.</summary>
    [Fact]
    public void Who_is_late_counts_as_at_risk_and_who_started_above_does_not()
    {
        var october = January.AddMonths(9);
        var more = Enumerable.Range(0, 8).Select(month => January.AddMonths(month).AddDays(9)).SelectMany(at => 20.Times(() =>
            Of(at, october, null, null, (Stage.Lead, 0), (Stage.Mql, 31))).Concat(20.Times(() => Of(at, october, null, null, (Stage.Mql, 0)))));

        var suggestions = Suggest(Query(october), [.. EightMonths(october), .. more]);

        Assert.Equal((8, 43.5 / 100), (suggestions[1].Periods, suggestions[1].Typical));
        Assert.Equal(4.5, suggestions[2].Typical);
        Assert.Equal(83.5, suggestions[0].Typical); // 41 to 47 and 40 more, but for September
    }

    /// <summary>A month earlier August is not mature; and the ledger knows January only from its tenth day on.</summary>
    [Fact]
    public void Fewer_than_eight_mature_periods_suggest_nothing()
    {
        var september = January.AddMonths(9).AddTicks(-1);

        var suggestions = Suggest(Query(september));

        Assert.Equal([7, 7, 7], suggestions.Take(3).Select(each => each.Periods));
        Assert.All(suggestions, each => Assert.True(each.Typical is null && each.Ambitious is null));
        Assert.Equal("LEAD → MQL: no target of conversion; of the last 8 mature months 7 have enough data.", suggestions[1].Sentence(Query(september)));
    }

    [Fact]
    public void Each_value_of_a_dimension_stands_beside_all()
    {
        var query = Query(January.AddMonths(9), Dimension.Segment);

        var suggestions = Suggest(query);

        Assert.Equal([(false, null), (true, null), (true, "a")], suggestions.Select(each => (each.IsSegment, each.Value)).Distinct());
        Assert.Equal(54, suggestions.Count);
        Assert.Equal(21.5 / 40, suggestions[18 + 1].Typical!.Value, 9); // of the odd ones 20 to 23 of 40
        Assert.Equal((0, null), (suggestions[18 + 2].Periods, suggestions[18 + 2].Typical)); // fewer than 30 of them convert
        Assert.Equal("LEAD → MQL of segment unknown: 22 to 22 a month.", suggestions[18].Sentence(query));
        Assert.Throws<TooManyGroupsException>(() => Suggest(query with { MaxValues = 0 }));
    }

    [Fact]
    public void Long_ago_there_are_no_periods() => Assert.All(Suggest(Query(DateTimeOffset.MinValue.AddDays(1)), []), each => Assert.Equal(0, each.Periods));
}
