using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Opportunity.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.EndToEnd.Tests;

/// <summary>A small ledger with every hard rule in it, told by its owners in two phases, and the answers worked out by hand.</summary>
public sealed class HandmadeTests(StackFixture stack)
{
    const string Tenant = "handmade";

    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "handmade");
    static readonly DateTimeOffset Close = new(2026, 3, 31, 0, 0, 0, TimeSpan.Zero);

    static JsonElement Expected { get; } = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    [Fact]
    public async Task What_was_reported_at_the_close_and_what_is_restated_later_both_come_out()
    {
        await stack.WaitUntilReadyAsync();
        var rows = Read();

        await ImportAsync([.. rows.Where(row => row.RecordedAt <= Close)], correct: false);
        var reported = await WaitForAsync("as_reported");
        await ImportAsync([.. rows.Where(row => row is { IsCorrection: false } && row.RecordedAt > Close)], correct: false);
        await ImportAsync([.. rows.Where(row => row.IsCorrection)], correct: true);
        var restated = await WaitForAsync("restated");

        await CheckAsync("as_reported", reported);
        await CheckAsync("restated", restated);
    }

    /// <summary>Waits until the ledger has what is expected now.</summary>
    /// <returns>K: what the ledger knew then.</returns>
    async Task<Timestamp> WaitForAsync(string view)
    {
        Waterfall? answer = null;
        await Eventually.EqualAsync(
            Expect(view),
            async () => Describe((answer = await AskAsync(knownAt: null)).Groups.Single()));
        return answer!.KnownAt;
    }

    async Task CheckAsync(string view, Timestamp knownAt)
    {
        Assert.Equal(Expect(view), Describe((await AskAsync(knownAt)).Groups.Single()));
        foreach (var journey in Expected.GetProperty(view).GetProperty("journeys").EnumerateObject())
        {
            var request = new GetJourneyRequest
            {
                Name = $"journeys/{TransitionId.OfJourney(Tenant, "handmade", journey.Name):D}",
                AsOf = Close.ToTimestamp(),
                KnownAt = knownAt,
            };
            var answer = await new MetricsService.MetricsServiceClient(stack.Channel).GetJourneyAsync(request, await CliToken.AsAsync(Tenant));
            Assert.Equal(journey.Name + Canonical(journey.Value), journey.Name + Canonical(JsonSerializer.SerializeToElement(Describe(answer))));
        }
    }

    async Task<Waterfall> AskAsync(Timestamp? knownAt) => await stack.GetWaterfallAsync(Tenant, new GetWaterfallRequest
    {
        AsOf = Close.ToTimestamp(),
        KnownAt = knownAt,
        Horizons = { TimeSpan.FromDays(7).ToDuration(), TimeSpan.FromDays(30).ToDuration() },
    });

    async Task ImportAsync(IReadOnlyList<Row> rows, bool correct)
    {
        foreach (var owner in rows.GroupBy(row => row.Owner))
        {
            using var call = Open(owner.Key, await CliToken.AsAsync(Tenant));
            var batch = new ImportTransitionsRequest
            {
                ImportId = "handmade",
                Source = "handmade",
                Correct = correct,
                Transitions = { owner.Select(row => row.Transition) },
            };
            await call.RequestStream.WriteAsync(batch, TestContext.Current.CancellationToken);
            await call.RequestStream.CompleteAsync();
            Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            Assert.Equal(
                (owner.Count(), 0, ""),
                (call.ResponseStream.Current.StoredCount + call.ResponseStream.Current.CorrectedCount, call.ResponseStream.Current.UnchangedCount, string.Join(' ', call.ResponseStream.Current.Rejects)));
        }
    }

    AsyncDuplexStreamingCall<ImportTransitionsRequest, ImportTransitionsResponse> Open(Owner owner, CallOptions options) => owner switch
    {
        Owner.Intake => new IntakeService.IntakeServiceClient(stack.Channel).ImportTransitions(options),
        Owner.Scoring => new ScoringService.ScoringServiceClient(stack.Channel).ImportTransitions(options),
        Owner.Handoff => new HandoffService.HandoffServiceClient(stack.Channel).ImportTransitions(options),
        _ => new OpportunityService.OpportunityServiceClient(stack.Channel).ImportTransitions(options),
    };

    static string Expect(string view) => Canonical(JsonSerializer.SerializeToElement(Expected.GetProperty(view).EnumerateObject()
        .Where(figure => figure.Name is not ("journeys" or "as_of" or "known_at"))
        .ToDictionary(figure => figure.Name, figure => figure.Value)));

    static string Describe(WaterfallGroup group)
    {
        Dictionary<string, long> ByStage(IEnumerable<Stage> stages, Func<StageVolume, long> figure) =>
            stages.ToDictionary(stage => stage.Name(), stage => figure(group.Volumes[(int)stage]));

        return Canonical(JsonSerializer.SerializeToElement(new
        {
            reach = ByStage(Stages.Waterfall, volume => volume.ReachCount),
            inferred = ByStage(Stages.Waterfall, volume => volume.InferredCount),
            entries = ByStage(Stages.Waterfall, volume => volume.EntryCount),
            departures = ByStage(Stages.Waterfall, volume => volume.DepartureCount),
            stock = ByStage(Stages.Waterfall, volume => volume.StockEndCount),
            exits_standing = ByStage(Stages.Exits, volume => volume.StockEndCount),
            won_amount_eur = group.WonAmounts.Sum(amount => amount.ToDecimal()),
            out_of_order = group.Quality.OutOfOrderCount,
            pairs = group.Pairs.ToDictionary(
                pair => $"{WaterfallCalls.NameOf(pair.From)}>{WaterfallCalls.NameOf(pair.To)}",
                pair => new Dictionary<string, object>
                {
                    ["cohort"] = pair.CohortCount,
                    ["started_above"] = pair.StartedAboveCount,
                    ["reached"] = pair.ToDate.ConvertedCount,
                    ["7d"] = new { mature = pair.Horizons[0].Rate.CohortCount, converted = pair.Horizons[0].Rate.ConvertedCount },
                    ["30d"] = new { mature = pair.Horizons[1].Rate.CohortCount, converted = pair.Horizons[1].Rate.ConvertedCount },
                    ["velocity_days"] = new { n = pair.CohortVelocity.JourneyCount, median = pair.CohortVelocity.Median?.ToTimeSpan().TotalDays },
                }),
        }));
    }

    static object Describe(Journey journey) => new
    {
        stands = WaterfallCalls.NameOf(journey.Stands),
        R = journey.Reaches.ToDictionary(
            reach => WaterfallCalls.NameOf(reach.Stage),
            reach => $"{reach.ReachTime.ToDateTime():yyyy-MM-ddTHH:mm}{(reach.Inferred ? "*" : "")}"),
        started_at = WaterfallCalls.NameOf(journey.StartedAt),
    };

    /// <summary>The same text for the same content: properties sorted, 4200.0 and 4200.00 alike.</summary>
    static string Canonical(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject()
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => property.Name + ":" + Canonical(property.Value))) + "}",
        JsonValueKind.Number => element.GetDecimal().ToString("0.######", CultureInfo.InvariantCulture),
        _ => element.GetRawText(),
    };

    /// <param name="RecordedAt">When the ledger of the story learnt of it.</param>
    sealed record Row(ImportedTransition Transition, Owner Owner, DateTimeOffset RecordedAt, bool IsCorrection);

    /// <summary>The rows with where each comes from, and whose they are. A correction is of the owner whose row it corrects.</summary>
    static List<Row> Read()
    {
        var rows = new List<Row>();
        var stands = new Dictionary<string, Stage>();
        var owners = new Dictionary<string, (Stage? From, Owner Owner)>();
        foreach (var cells in File.ReadLines(Path.Combine(Folder, "ledger.csv")).Skip(1).Select(line => line.Split(',')))
        {
            var (journey, superseded) = (cells[2], cells[8]);
            Stage? to = Stages.TryParse(cells[4], out var stage) ? stage : null;
            var (from, owner) = superseded.Length > 0
                ? owners[superseded]
                : (stands.TryGetValue(journey, out var standing) ? standing : null, default);
            if (superseded.Length == 0)
            {
                owner = Moves.OwnerOf(from, to!.Value, Ledger.Domain.Origin.Import)!.Value;
                (stands[journey], owners[cells[0]]) = (to.Value, (from, owner));
            }
            rows.Add(new Row(
                new ImportedTransition
                {
                    Line = rows.Count + 2,
                    SourceKey = journey,
                    SourceSeq = long.Parse(cells[7], CultureInfo.InvariantCulture),
                    LeadKey = cells[1],
                    JourneyKey = journey,
                    OpportunityKey = cells[3],
                    From = from.ToProto(),
                    To = to.ToProto(),
                    OccurTime = DateTimeOffset.Parse(cells[5], CultureInfo.InvariantCulture).ToTimestamp(),
                    Amount = cells[9].Length > 0 ? decimal.Parse(cells[9], CultureInfo.InvariantCulture).ToMoney("EUR") : null,
                },
                owner,
                DateTimeOffset.Parse(cells[6], CultureInfo.InvariantCulture),
                superseded.Length > 0));
        }
        return rows;
    }
}
