using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ImportTests(ScoringFixture scoring)
{
    readonly string _tenant = ScoringFixture.NewTenant();

    static ImportedTransition Row(int line, Stage from = Stage.Lead, Stage to = Stage.Mql) => new()
    {
        Line = line,
        SourceKey = $"case-{line}",
        SourceSeq = 2,
        LeadKey = $"lead-{line}",
        JourneyKey = $"case-{line}",
        From = from,
        To = to,
        OccurTime = SomeLead.Noon.AddMinutes(line).ToTimestamp(),
        Actor = "source-user:112",
        Reason = "handled",
        Dimensions = new Dimensions { Motion = "new" },
    };

    static ImportTransitionsRequest Batch(params IEnumerable<ImportedTransition> rows) => new() { ImportId = "one", Source = "loans", Transitions = { rows } };

    async Task<ImportTransitionsResponse> ImportAsync(ImportTransitionsRequest batch)
    {
        using var call = scoring.Client.ImportTransitions(ServiceProcess.As(_tenant, "revops"));
        await call.RequestStream.WriteAsync(batch, TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var response = call.ResponseStream.Current;
        Assert.False(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        return response;
    }

    [Fact]
    public async Task Stores_rows_once_and_tells_the_ledger_once()
    {
        var batch = Batch(Enumerable.Range(1, 500).Select(line => Row(line)));

        Assert.Equal(new ImportTransitionsResponse { StoredCount = 500 }, await ImportAsync(batch));
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 500 }, await ImportAsync(batch));

        await Eventually.EqualAsync(500, () => Task.FromResult(scoring.Qualified(_tenant).Count));
        var row = scoring.Qualified(_tenant)[0];
        Assert.Equal(
            (Origin.Import, Stage.Lead, 2L, "source-user:112", "handled", "", false),
            (row.Origin, row.From, row.SourceSeq, row.Actor, row.Reason, row.PolicyVersion, row.HasScore));
    }

    [Fact]
    public async Task Refuses_the_moves_of_other_services_and_keeps_the_rest()
    {
        var report = await ImportAsync(Batch(Row(1), Row(2, Stage.Mql, Stage.Sal), Row(3, Stage.Mql, Stage.Mql), Row(4, Stage.Unspecified)));

        Assert.Equal(2, report.StoredCount);
        Assert.Equal([(2, "MOVE_NOT_ALLOWED"), (3, "MOVE_NOT_ALLOWED")], report.Rejects.Select(reject => ((int)reject.Line, reject.Reason)));
        Assert.Contains("send this row to Handoff", report.Rejects[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_corrections_and_withdrawals()
    {
        await ImportAsync(Batch(Row(1), Row(2)));
        var corrected = Row(1);
        corrected.OccurTime = SomeLead.Noon.ToTimestamp();
        var withdrawn = Row(2, to: Stage.Unspecified);
        var batch = Batch(corrected, withdrawn);
        batch.Correct = true;

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 2 }, await ImportAsync(batch));

        var rows = () => scoring.Bus.Messages<StagesChanged>(e => e.Tenant == _tenant).SelectMany(e => e.Changes).ToList();
        await Eventually.EqualAsync(4, () => Task.FromResult(rows().Count));
        Assert.Equal(2, rows().Count(row => row.Supersedes.Length > 0));
        await using var command = scoring.Service.Admin.CreateCommand("SELECT stage_time FROM journeys WHERE tenant_id = $1 ORDER BY stage_time LIMIT 1");
        command.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = _tenant });
        Assert.Equal(SomeLead.Noon.UtcDateTime, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nothing_live_scores_or_moves_history()
    {
        await ImportAsync(Batch(Row(1)));
        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_tenant).Count));
        var imported = scoring.Qualified(_tenant)[0];
        var lead = new SomeLead(_tenant) { Id = Guid.Parse(imported.Lead["leads/".Length..]), JourneyId = Guid.Parse(imported.Journey["journeys/".Length..]) };

        OutboxEvent[] said = [lead.Changed(), lead.MovedByIntake(Stage.Lead, 3, version: 3), lead.Touched("demo-request")];
        await scoring.SayAsync(said);
        await scoring.HandledAsync(said);

        var error = await GrpcAssert.FailsAsync(scoring.Client.GetScoreAsync(new() { Name = lead.Score }, ServiceProcess.As(_tenant, "sales")));
        Assert.Equal((StatusCode.NotFound, "SCORE_NOT_FOUND"), (error.Code, error.Reason));
        Assert.Single(scoring.Qualified(_tenant));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_ends_the_stream()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(new ImportTransitionsRequest { Source = "Loans" }));

        var error = GrpcAssert.Read(exception);
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(["import_id", "transitions", "source"], error.Violations.Select(violation => violation.Field));
    }
}
