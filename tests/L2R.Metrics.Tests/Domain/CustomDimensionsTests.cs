using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class CustomDimensionsTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_values_have_one_number_in_whatever_order_they_come()
    {
        var table = new ValueTable(DimensionKind.Current);

        var numbers = new[] { Of(("plan", "pro"), ("partner", "acme")), Of(("partner", "acme"), ("plan", "pro")), Of(("plan", "pro")) }.Select(table.NumberOf);

        Assert.Equal([0, 0, 1], numbers);
    }

    /// <summary>Values that only a tenant's own dimension tells apart would else be looked for one by one.</summary>
    [Fact]
    public void Other_values_have_other_hashes()
    {
        var hashes = Enumerable.Range(0, 1_000).Select(number => DimensionsComparer.Instance.GetHashCode(Of(("partner", $"partner-{number}"))));

        Assert.True(hashes.Distinct().Count() > 990);
    }

    [Fact]
    public void What_Intake_said_last_is_current_and_what_it_left_out_is_as_the_rows_have_it()
    {
        var row = new Transition
        {
            TransitionId = Guid.NewGuid(),
            LeadId = Guid.NewGuid(),
            JourneyId = Guid.NewGuid(),
            To = Stage.Lead,
            OccurredAt = Noon,
            RecordedAt = Noon,
            SourceSeq = 1,
            Dimensions = Of(("plan", "free"), ("partner", "acme")),
        };
        var lead = new LeadVersion(row.LeadId, 2, null, null) { Custom = Of(("plan", "pro"), ("industry", "retail")).Custom };

        var journey = Assert.Single(Fold.Lead([row], Noon, Noon, lead));

        Assert.Equal(["industry=retail", "partner=acme", "plan=pro"], Told(journey.Current));
        Assert.Equal(["partner=acme", "plan=free"], Told(journey.Origin));
    }

    [Fact]
    public void Settings_are_the_same_where_the_same_is_declared_and_found()
    {
        CustomDimensions Make(DimensionKind kind, params string[] found) => new(new Dictionary<string, DimensionKind> { ["plan"] = kind }, found);

        Assert.Equal(Make(DimensionKind.Origin, "a", "b"), Make(DimensionKind.Origin, "b", "a"));
        Assert.NotEqual(Make(DimensionKind.Origin), Make(DimensionKind.Current));
        Assert.NotEqual(Make(DimensionKind.Origin), Make(DimensionKind.Origin, "a"));
        Assert.NotEqual(new CustomDimensions(new Dictionary<string, DimensionKind>(), ["plan"]), Make(DimensionKind.Current));
    }

    static Dimensions Of(params (string Name, string Value)[] custom) =>
        new() { Custom = custom.ToDictionary(own => own.Name, own => own.Value) };

    static IEnumerable<string> Told(Dimensions values) => values.Custom.Select(own => $"{own.Key}={own.Value}").Order(StringComparer.Ordinal);
}
