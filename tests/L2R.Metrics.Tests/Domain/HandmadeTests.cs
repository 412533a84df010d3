using System.Globalization;
using System.Text.Json;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>A small ledger with every hard rule in it, and the answers worked out by hand.</summary>
public sealed partial class HandmadeTests
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Domain", "handmade");
    static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    public static IReadOnlyList<Transition> Ledger { get; } = Read();

    static IEnumerable<string> JourneyNames =>
        Expected.GetProperty("restated").GetProperty("journeys").EnumerateObject().Select(journey => journey.Name);

    [Theory]
    [InlineData("as_reported")]
    [InlineData("restated")]
    public void Every_journey_stands_and_reached_what_was_worked_out(string view)
    {
        var expected = Expected.GetProperty(view);
        var facts = Facts(expected).ToDictionary(journey => journey.JourneyId);

        Assert.Equal(
            expected.GetProperty("journeys").EnumerateObject().Select(journey => journey.Name + Canonical(journey.Value)),
            JourneyNames.Select(name => name + Canonical(JsonSerializer.SerializeToElement(Describe(facts[IdOf(name)])))));
        Assert.Equal(14, facts.Count);
    }

    [Theory]
    [InlineData("as_reported")]
    [InlineData("restated")]
    public void Every_figure_is_what_was_worked_out(string view)
    {
        var expected = Expected.GetProperty(view);
        var group = Assert.Single(Answer(expected).Groups);

        string[] described =
            ["reach", "inferred", "entries", "departures", "stock", "exits_standing", "won_amount_eur", "out_of_order", "pairs"];
        Assert.Equal(
            described.Select(name => name + Canonical(expected.GetProperty(name))),
            described.Select(name => name + Canonical(Describe(group).GetProperty(name))));
        Assert.Equal(
            described.Concat(["as_of", "known_at", "journeys"]).Order(),
            expected.EnumerateObject().Select(figure => figure.Name).Order());
    }

    [Fact]
    public void Rows_that_the_ledger_learnt_of_after_the_close_are_late_only_when_restated() =>
        Assert.Equal(
            ["as_reported 0", "restated 2"],
            new[] { "as_reported", "restated" }.Select(view => $"{view} {Answer(Expected.GetProperty(view)).Groups[0].Quality.Late}"));

    [Fact]
    public void A_lead_that_comes_back_after_recycling_has_a_second_journey()
    {
        var facts = Facts(Expected.GetProperty("restated")).ToDictionary(journey => journey.JourneyId);

        Assert.Equal((1, false), (facts[IdOf("J6")].Number, facts[IdOf("J6")].IsLatest));
        Assert.Equal((2, true), (facts[IdOf("J6b")].Number, facts[IdOf("J6b")].IsLatest));
    }

    [Fact]
    public void Every_row_is_a_move_that_an_import_may_make()
    {
        foreach (var journey in Ledger.Where(row => row.Supersedes is null).GroupBy(row => row.JourneyId))
        {
            Stage? from = null;
            foreach (var row in journey)
            {
                Assert.NotNull(Moves.OwnerOf(from, row.To!.Value, Origin.Import));
                from = row.To;
            }
        }
    }

    static IEnumerable<JourneyFacts> Facts(JsonElement view)
    {
        var (asOf, knownAt) = (view.GetProperty("as_of").GetDateTimeOffset(), view.GetProperty("known_at").GetDateTimeOffset());
        return Ledger.GroupBy(row => row.LeadId).SelectMany(rows => Fold.Lead(rows, asOf, knownAt));
    }

    static WaterfallAnswer Answer(JsonElement view)
    {
        var waterfall = new Waterfall(new WaterfallQuery
        {
            AsOf = view.GetProperty("as_of").GetDateTimeOffset(),
            KnownAt = view.GetProperty("known_at").GetDateTimeOffset(),
            Horizons = [TimeSpan.FromDays(7), TimeSpan.FromDays(30)],
        });
        foreach (var journey in Facts(view))
        {
            waterfall.Add(journey);
        }
        return waterfall.ToAnswer();
    }

    static object Describe(JourneyFacts journey) => new
    {
        stands = journey.Stands.Name(),
        R = Stages.Waterfall
            .Where(stage => journey.Reach(stage) is not null)
            .ToDictionary(stage => stage.Name(), stage =>
                $"{journey.Reach(stage)!.Value.At.UtcDateTime:yyyy-MM-ddTHH:mm}{(journey.IsInferred(stage) ? "*" : "")}"),
        started_at = journey.StartedAt?.Name(),
    };

    static JsonElement Describe(WaterfallGroup group)
    {
        Dictionary<string, long> ByStage(IEnumerable<Stage> stages, Func<Volume, long> figure) =>
            stages.ToDictionary(stage => stage.Name(), stage => figure(group.Volumes[(int)stage]));

        return JsonSerializer.SerializeToElement(new
        {
            reach = ByStage(Stages.Waterfall, volume => volume.Reach),
            inferred = ByStage(Stages.Waterfall, volume => volume.Inferred),
            entries = ByStage(Stages.Waterfall, volume => volume.Entries),
            departures = ByStage(Stages.Waterfall, volume => volume.Departures),
            stock = ByStage(Stages.Waterfall, volume => volume.StockAtEnd),
            exits_standing = ByStage(Stages.Exits, volume => volume.StockAtEnd),
            won_amount_eur = group.Won["EUR"],
            out_of_order = group.Quality.OutOfOrder,
            pairs = group.Pairs.ToDictionary(NameOf, pair => new Dictionary<string, object>
            {
                ["cohort"] = pair.Cohort,
                ["started_above"] = pair.StartedAbove,
                ["reached"] = pair.ToDate.Converted,
                ["7d"] = new { mature = pair.Horizons[0].Rate.N, converted = pair.Horizons[0].Rate.Converted },
                ["30d"] = new { mature = pair.Horizons[1].Rate.N, converted = pair.Horizons[1].Rate.Converted },
                ["velocity_days"] = new { n = pair.CohortVelocity.N, median = pair.CohortVelocity.Median?.TotalDays },
            }),
        });
    }

    /// <summary>The same text for the same content: properties sorted, 4200.0 and 4200.00 alike.</summary>
    static string Canonical(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject()
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => property.Name + ":" + Canonical(property.Value))) + "}",
        JsonValueKind.Number => element.GetDecimal().ToString("0.######", CultureInfo.InvariantCulture),
        _ => element.GetRawText(),
    };

    static string NameOf(PairFigures pair) => $"{pair.Pair.From.Name()}>{pair.Pair.To.Name()}";

    static Guid IdOf(string name) => TransitionId.OfJourney("test", "handmade", name);

    static IReadOnlyList<Transition> Read() =>
    [
        .. File.ReadLines(Path.Combine(Folder, "ledger.csv")).Skip(1).Select(line => line.Split(',')).Select(cells => new Transition
        {
            TransitionId = IdOf(cells[0]),
            LeadId = IdOf(cells[1]),
            JourneyId = IdOf(cells[2]),
            OpportunityId = cells[3].Length > 0 ? IdOf(cells[3]) : null,
            To = Stages.TryParse(cells[4], out var to) ? to : null,
            OccurredAt = DateTimeOffset.Parse(cells[5], CultureInfo.InvariantCulture),
            RecordedAt = DateTimeOffset.Parse(cells[6], CultureInfo.InvariantCulture),
            SourceSeq = long.Parse(cells[7], CultureInfo.InvariantCulture),
            Supersedes = cells[8].Length > 0 ? IdOf(cells[8]) : null,
            Amount = cells[9].Length > 0 ? decimal.Parse(cells[9], CultureInfo.InvariantCulture) : null,
            Currency = cells[9].Length > 0 ? "EUR" : null,
        }),
    ];
}
