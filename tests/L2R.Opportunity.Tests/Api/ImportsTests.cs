using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Opportunity.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ImportsTests(OpportunityFixture service)
{
    static readonly DateTimeOffset Noon = new(2012, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = OpportunityFixture.NewTenant();

    CallOptions RevOps => ServiceProcess.As(_tenant, "revops");

    /// <summary>Row <paramref name="seq"/> of a journey, as many hours after noon.</summary>
    static ImportedTransition Row(string journey, int seq, Stage to, Stage from = Stage.Sql, string key = "", int? amount = null) => new()
    {
        Line = seq,
        SourceKey = journey,
        SourceSeq = seq,
        LeadKey = journey,
        JourneyKey = journey,
        OpportunityKey = key,
        From = from,
        To = to,
        OccurTime = Noon.AddHours(seq).ToTimestamp(),
        Actor = "source-user:112",
        Reason = to == Stage.Opportunity ? "" : "as told",
        Amount = amount is { } units ? new Money { CurrencyCode = "EUR", Units = units } : null,
    };

    async Task<ImportTransitionsResponse> ImportAsync(bool correct, params ImportedTransition[] rows)
    {
        using var call = service.Client.ImportTransitions(RevOps);
        await call.RequestStream.WriteAsync(
            new ImportTransitionsRequest { ImportId = "test", Source = "loans", Correct = correct, Transitions = { rows } }, TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        return call.ResponseStream.Current;
    }

    Task<ImportTransitionsResponse> ImportAsync(params ImportedTransition[] rows) => ImportAsync(correct: false, rows);

    string RowId(string journey, int seq) => $"opportunities/{TransitionId.Create(_tenant, "loans", journey, seq):D}";

    string KeyId(string key) => $"opportunities/{TransitionId.OfOpportunity(_tenant, "loans", key):D}";

    string JourneyName(string journey) => $"journeys/{TransitionId.OfJourney(_tenant, "loans", journey):D}";

    async Task<IReadOnlyList<V1.Opportunity>> OpportunitiesAsync() =>
        (await service.Client.ListOpportunitiesAsync(new ListOpportunitiesRequest { PageSize = 1000 }, RevOps)).Opportunities;

    async Task<IEnumerable<(string Name, OpportunityState State)>> StatesAsync() =>
        (await OpportunitiesAsync()).Select(opportunity => (opportunity.Name, opportunity.State)).OrderBy(state => state.Name, StringComparer.Ordinal);

    static IEnumerable<(string Name, OpportunityState State)> States(params (string Name, OpportunityState State)[] states) =>
        states.OrderBy(state => state.Name, StringComparer.Ordinal);

    [Fact]
    public async Task Each_entry_is_an_opportunity_and_a_close_is_of_the_newest()
    {
        var report = await ImportAsync(
            Row("a", 4, Stage.Opportunity, amount: 5000),
            Row("a", 5, Stage.Opportunity, Stage.Opportunity),
            Row("a", 6, Stage.Opportunity, Stage.Opportunity, amount: 7000),
            Row("a", 7, Stage.ClosedWon, Stage.Opportunity));

        Assert.Equal(new ImportTransitionsResponse { StoredCount = 4 }, report);
        Assert.Equal(
            States((RowId("a", 4), OpportunityState.Superseded), (RowId("a", 5), OpportunityState.Superseded), (RowId("a", 6), OpportunityState.Won)),
            await StatesAsync());
        var won = (await OpportunitiesAsync()).Single(opportunity => opportunity.State == OpportunityState.Won);
        Assert.Equal(
            new V1.Opportunity
            {
                Name = won.Name,
                Journey = JourneyName("a"),
                Lead = $"leads/{TransitionId.OfLead(_tenant, "loans", "a"):D}",
                Amount = new Money { CurrencyCode = "EUR", Units = 7000 },
                CurrencyCode = "EUR",
                State = OpportunityState.Won,
                OpenTime = Noon.AddHours(6).ToTimestamp(),
                CloseTime = Noon.AddHours(7).ToTimestamp(),
                CloseReason = "as told",
                CreateTime = won.CreateTime,
                UpdateTime = won.CreateTime,
                Etag = "1",
            },
            won);
    }

    [Fact]
    public async Task Tells_the_ledger_each_row_as_it_came_and_names_the_opportunities_that_were_entered()
    {
        await ImportAsync(
            Row("a", 4, Stage.Opportunity, amount: 5000),
            Row("a", 5, Stage.Opportunity, Stage.Opportunity),
            Row("a", 6, Stage.ClosedLost, Stage.Opportunity),
            Row("b", 7, Stage.Opportunity, key: "k"),
            Row("b", 8, Stage.ClosedWon, Stage.Opportunity, key: "k"));

        await Eventually.EqualAsync(5, () => Task.FromResult(service.Rows(_tenant).Count));
        // A close that its source did not name stays so: the ledger then knows that it replaces the other open ones too.
        Assert.Equal(
            [
                (Stage.Opportunity, RowId("a", 4)), (Stage.Opportunity, RowId("a", 5)), (Stage.ClosedLost, ""),
                (Stage.Opportunity, KeyId("k")), (Stage.ClosedWon, KeyId("k")),
            ],
            service.Rows(_tenant).Select(row => (row.To, row.Opportunity)));
        var first = service.Rows(_tenant)[0];
        Assert.Equal(
            new StageChanged
            {
                TransitionId = TransitionId.Create(_tenant, "loans", "a", 4).ToString("D"),
                Lead = $"leads/{TransitionId.OfLead(_tenant, "loans", "a"):D}",
                Journey = JourneyName("a"),
                Opportunity = RowId("a", 4),
                From = Stage.Sql,
                To = Stage.Opportunity,
                OccurTime = Noon.AddHours(4).ToTimestamp(),
                SourceSeq = 4,
                Origin = L2R.Ledger.V1.Origin.Import,
                Actor = "source-user:112",
                Amount = new Money { CurrencyCode = "EUR", Units = 5000 },
                Dimensions = new Dimensions { Channel = "unknown" },
            },
            first);
        Assert.Empty(service.Bus.Messages<OpportunitiesChanged>(e => e.Tenant == _tenant)); // nobody acts on history
    }

    [Fact]
    public async Task Batches_come_to_the_same_as_one_and_the_same_rows_again_change_nothing()
    {
        ImportedTransition[] rows =
        [
            Row("a", 4, Stage.Opportunity),
            Row("b", 4, Stage.Opportunity),
            Row("a", 5, Stage.Opportunity, Stage.Opportunity),
            Row("a", 6, Stage.ClosedLost, Stage.Opportunity),
            Row("b", 5, Stage.ClosedWon, Stage.Opportunity, amount: 9),
        ];

        foreach (var row in rows)
        {
            Assert.Equal(new ImportTransitionsResponse { StoredCount = 1 }, await ImportAsync(row));
        }
        var stored = await OpportunitiesAsync();
        var again = await ImportAsync(rows);

        Assert.Equal(
            States((RowId("a", 4), OpportunityState.Superseded), (RowId("a", 5), OpportunityState.Lost), (RowId("b", 4), OpportunityState.Won)),
            await StatesAsync());
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 5 }, again);
        Assert.Equal(stored, await OpportunitiesAsync());
    }

    [Fact]
    public async Task A_close_without_an_entry_is_an_opportunity_until_the_entry_comes_late()
    {
        await ImportAsync(Row("a", 6, Stage.ClosedWon, amount: 9));
        Assert.Equal(States((RowId("a", 6), OpportunityState.Won)), await StatesAsync());

        await ImportAsync(Row("a", 5, Stage.Opportunity));

        Assert.Equal(States((RowId("a", 5), OpportunityState.Won)), await StatesAsync());
    }

    [Fact]
    public async Task A_correction_changes_what_it_says_and_its_opportunity_keeps_its_name()
    {
        await ImportAsync(Row("a", 4, Stage.Opportunity, amount: 5), Row("a", 5, Stage.ClosedWon, Stage.Opportunity));

        var report = await ImportAsync(
            correct: true,
            Row("a", 4, Stage.Opportunity, amount: 6),
            Row("a", 5, Stage.ClosedLost, Stage.Opportunity));

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 2 }, report);
        var lost = Assert.Single(await OpportunitiesAsync());
        Assert.Equal((RowId("a", 4), OpportunityState.Lost, 6L, "2"), (lost.Name, lost.State, lost.Amount.Units, lost.Etag));
        await Eventually.EqualAsync(4, () => Task.FromResult(service.Rows(_tenant).Count));
        Assert.Equal(
            [TransitionId.Create(_tenant, "loans", "a", 4).ToString("D"), TransitionId.Create(_tenant, "loans", "a", 5).ToString("D")],
            service.Rows(_tenant).Where(row => row.Supersedes.Length > 0).Select(row => row.Supersedes));
    }

    [Fact]
    public async Task A_correction_may_move_a_row_to_another_journey()
    {
        await ImportAsync(Row("a", 4, Stage.Opportunity), Row("a", 5, Stage.ClosedWon, Stage.Opportunity));
        var moved = Row("b", 5, Stage.ClosedWon, Stage.Opportunity);
        moved.SourceKey = "a";

        var report = await ImportAsync(correct: true, moved);

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 1 }, report);
        Assert.Equal(States((RowId("a", 4), OpportunityState.Open), (RowId("a", 5), OpportunityState.Won)), await StatesAsync());
        Assert.Equal(
            JourneyName("b"),
            (await service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = RowId("a", 5) }, RevOps)).Journey);
    }

    [Fact]
    public async Task A_withdrawal_undoes_its_row()
    {
        await ImportAsync(
            Row("a", 4, Stage.Opportunity), Row("a", 5, Stage.Opportunity, Stage.Opportunity), Row("a", 6, Stage.ClosedWon, Stage.Opportunity), Row("b", 4, Stage.Opportunity));

        var report = await ImportAsync(correct: true, Row("a", 6, Stage.Unspecified), Row("a", 5, Stage.Unspecified), Row("b", 4, Stage.Unspecified));

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 3 }, report);
        Assert.Equal(States((RowId("a", 4), OpportunityState.Open)), await StatesAsync());
    }

    [Fact]
    public async Task A_bad_row_is_named_and_the_others_are_stored()
    {
        var report = await ImportAsync(
            Row("a", 4, Stage.Opportunity),
            Row("a", 5, Stage.Sal, Stage.Opportunity),
            Row("a", 6, Stage.ClosedLost, Stage.Recycled));

        Assert.Equal((1, 2), (report.StoredCount, report.Rejects.Count));
        Assert.Equal([(5L, "MOVE_NOT_ALLOWED"), (6L, "MOVE_NOT_ALLOWED")], report.Rejects.Select(reject => (reject.Line, reject.Reason)));
    }

    [Fact]
    public async Task Imported_opportunities_and_their_journeys_are_history()
    {
        await ImportAsync(Row("a", 4, Stage.Opportunity, amount: 5), Row("b", 4, Stage.Opportunity), Row("b", 5, Stage.ClosedLost, Stage.Opportunity));
        var (open, lost) = (RowId("a", 4), RowId("b", 4));

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = JourneyName("a") } }, RevOps)),
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = open, Owner = "me" } }, RevOps)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = open }, RevOps)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = open, Reason = "x" }, RevOps)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest { Name = lost }, RevOps)),
        ];

        Assert.All(errors, error => Assert.Equal((StatusCode.FailedPrecondition, "JOURNEY_IS_HISTORY"), (error.Code, error.Reason)));
        Assert.Equal(
            [JourneyName("a"), open, open, open, lost], errors.Select(error => error.Metadata["name"]));
    }

    [Fact]
    public async Task Two_imports_of_one_file_at_once_store_it_once()
    {
        var rows = Enumerable.Range(0, 100)
            .SelectMany(i => new[] { Row($"j{i}", 4, Stage.Opportunity), Row($"j{i}", 5, Stage.Opportunity, Stage.Opportunity), Row($"j{i}", 6, Stage.ClosedWon, Stage.Opportunity) })
            .ToArray();

        var reports = await Task.WhenAll(ImportAsync(rows), ImportAsync([.. rows.Reverse()]));

        Assert.Equal((300, 300), (reports.Sum(report => report.StoredCount), reports.Sum(report => report.UnchangedCount)));
        var opportunities = await OpportunitiesAsync();
        Assert.Equal((100, 100), (opportunities.Count(o => o.State == OpportunityState.Won), opportunities.Count(o => o.State == OpportunityState.Superseded)));
    }

    [Fact]
    public async Task Rows_of_one_journey_in_two_imports_at_once_are_all_seen()
    {
        for (var round = 0; round < 10; round++)
        {
            var journey = $"r{round}";

            await Task.WhenAll(
                ImportAsync(Row(journey, 4, Stage.Opportunity), Row(journey, 6, Stage.ClosedWon, Stage.Opportunity)),
                ImportAsync(Row(journey, 5, Stage.Opportunity, Stage.Opportunity)));
        }

        var opportunities = await OpportunitiesAsync();
        Assert.Equal((10, 10), (opportunities.Count(o => o.State == OpportunityState.Won), opportunities.Count(o => o.State == OpportunityState.Superseded)));
        Assert.Equal(20, opportunities.Count);
    }
}
