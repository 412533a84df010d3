using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ImportTests(IntakeFixture intake)
{
    static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = IntakeFixture.NewTenant();

    static ImportedTransition Row(int line, string key, int seq, Stage from, Stage to) => new()
    {
        Line = line,
        SourceKey = key,
        LeadKey = key,
        JourneyKey = key,
        SourceSeq = seq,
        From = from,
        To = to,
        OccurTime = Noon.AddMinutes(seq).ToTimestamp(),
        Actor = "source-user:112",
        Reason = seq == 0 ? "" : "declined",
        Dimensions = new Dimensions { Segment = "smb" },
    };

    static ImportedTransition Unset(ImportedTransition row)
    {
        row.OccurTime = DateTimeOffset.MinValue.ToTimestamp();
        return row;
    }

    static ImportedTransition Worth(ImportedTransition row, Money amount)
    {
        row.Amount = amount;
        return row;
    }

    static ImportTransitionsRequest Batch(params ImportedTransition[] rows) =>
        new() { ImportId = "test", Source = "loans", Transitions = { rows } };

    async Task<ImportTransitionsResponse[]> ImportAsync(params ImportTransitionsRequest[] batches)
    {
        using var call = intake.Client.ImportTransitions(ServiceProcess.As(_tenant, "revops"));
        List<ImportTransitionsResponse> answers = [];
        foreach (var batch in batches)
        {
            await call.RequestStream.WriteAsync(batch, TestContext.Current.CancellationToken);
        }
        await call.RequestStream.CompleteAsync();
        await foreach (var answer in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            answers.Add(answer);
        }
        return [.. answers];
    }

    [Fact]
    public async Task Stores_history_and_tells_the_ledger_of_it_once()
    {
        var batch = Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Lead), Row(2, "a", 1, Stage.Lead, Stage.Disqualified), Row(3, "b", 0, Stage.Unspecified, Stage.Lead));

        var answers = await ImportAsync(batch, batch);
        var again = await ImportAsync(batch);

        Assert.Equal(
            [new ImportTransitionsResponse { StoredCount = 3 }, new ImportTransitionsResponse { UnchangedCount = 3 }],
            answers);
        Assert.Equal([new ImportTransitionsResponse { UnchangedCount = 3 }], again);
        await Eventually.EqualAsync(3, () => Task.FromResult(intake.Rows(_tenant).Count));
        var exit = intake.Rows(_tenant).Single(row => row.To == Stage.Disqualified);
        Assert.Equal(
            (Stage.Lead, 1L, Origin.Import, "source-user:112", "declined", Noon.AddMinutes(1).ToTimestamp(), "unknown", "smb"),
            (exit.From, exit.SourceSeq, exit.Origin, exit.Actor, exit.Reason, exit.OccurTime, exit.Dimensions.Channel, exit.Dimensions.Segment));
        var lead = await intake.Client.GetLeadAsync(new GetLeadRequest { Name = exit.Lead }, ServiceProcess.As(_tenant, "sales"));
        Assert.Equal(("a", LeadState.Ended, Stage.Disqualified), (lead.ExternalId, lead.State, lead.Stage));
    }

    [Fact]
    public async Task Refuses_the_broken_rows_alone_each_with_its_line_and_cause()
    {
        var future = Row(4, "d", 0, Stage.Unspecified, Stage.Lead);
        future.OccurTime = TimeProvider.System.GetUtcNow().AddHours(1).ToTimestamp();

        var answer = Assert.Single(await ImportAsync(Batch(
            Row(1, "a", 0, Stage.Unspecified, Stage.Lead),
            Row(2, "", 0, Stage.Unspecified, Stage.Lead),
            Row(3, "c", 0, Stage.Mql, Stage.Sal),
            future,
            Row(5, "e", 0, Stage.ClosedWon, Stage.Lead),
            Row(6, "f", 0, Stage.Unspecified, Stage.Unspecified),
            Row(8, "h\0", 0, Stage.Unspecified, Stage.Lead),
            Unset(Row(9, "i", 0, Stage.Unspecified, Stage.Lead)),
            Worth(Row(7, "g", 0, Stage.Unspecified, Stage.Lead), new Money { CurrencyCode = "XQQ", Units = 1, Nanos = -1 }))));

        Assert.Equal(1, answer.StoredCount);
        Assert.Equal(
            [
                (2L, "FIELDS_INVALID", "source_key is required; lead_key is required; journey_key is required"),
                (3L, "MOVE_NOT_ALLOWED", "Intake does not move a journey from MQL to SAL: send this row to Handoff"),
                (4L, "FIELDS_INVALID", "occur_time must not be more than 5 minutes in the future"),
                (5L, "MOVE_NOT_ALLOWED", "no journey moves from CLOSED_WON to LEAD; from there it may move to CLOSED_WON, OPPORTUNITY, CLOSED_LOST"),
                (6L, "FIELDS_INVALID", "to must be a stage or an exit; it may be left out to withdraw a row in an import that says correct"),
                (8L, "FIELDS_INVALID", "source_key must not have the character U+0000; lead_key must not have the character U+0000; journey_key must not have the character U+0000"),
                (9L, "FIELDS_INVALID", "occur_time must not be before 1970"),
                (7L, "FIELDS_INVALID", "amount.currency_code must be an ISO 4217 code such as EUR, active or withdrawn since 1999; amount must not be negative, and have at most 999,999,999 nanos"),
            ],
            answer.Rejects.Select(reject => (reject.Line, reject.Reason, reject.Message)));
    }

    [Fact]
    public async Task Refuses_dimensions_that_no_live_row_could_have()
    {
        var tooLong = new string('x', 201);
        var broken = Row(1, "a", 0, Stage.Unspecified, Stage.Lead);
        broken.Actor = "source-user:ada@example.com";
        broken.Dimensions = new Dimensions
        {
            Channel = "Web Form",
            Source = tooLong,
            Campaign = tooLong,
            Segment = "SMB",
            Region = "nl",
            Owner = "ada@example.com",
            Team = "Inside Sales",
            Product = tooLong,
            Motion = "New",
        };
        var whole = Row(2, "b", 0, Stage.Unspecified, Stage.Lead);
        whole.Dimensions = new Dimensions
        {
            Channel = "web-form",
            Source = tooLong[1..],
            Campaign = "Spring 2026",
            Segment = "smb",
            Region = "NL",
            Owner = "rep-7",
            Team = "inside-sales",
            Product = "Engine",
            Motion = "win-back",
        };

        var answer = Assert.Single(await ImportAsync(Batch(broken, whole)));

        const string NotKebab = "must be in kebab case such as web-form, at most 63 characters";
        Assert.Equal(1, answer.StoredCount);
        var reject = Assert.Single(answer.Rejects);
        Assert.Equal((1L, "FIELDS_INVALID"), (reject.Line, reject.Reason));
        Assert.Equal(
            [
                "actor must be an id, not an e-mail address: that is personal data",
                $"dimensions.channel {NotKebab}",
                "dimensions.source must be at most 200 characters, and has 201",
                "dimensions.campaign must be at most 200 characters, and has 201",
                $"dimensions.segment {NotKebab}",
                "dimensions.region must be a CLDR region code such as NL",
                "dimensions.owner must be an id, not an e-mail address: that is personal data",
                $"dimensions.team {NotKebab}",
                "dimensions.product must be at most 200 characters, and has 201",
                $"dimensions.motion {NotKebab}",
            ],
            reject.Message.Split("; "));
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count));
        Assert.Equal(whole.Dimensions, intake.Rows(_tenant)[0].Dimensions);
    }

    [Fact]
    public async Task Other_content_under_a_known_key_is_refused_unless_it_corrects()
    {
        await ImportAsync(Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Lead)));
        var moved = Row(1, "a", 0, Stage.Unspecified, Stage.Lead);
        moved.OccurTime = Noon.AddDays(1).ToTimestamp();
        var correction = Batch(moved);

        var refused = Assert.Single(await ImportAsync(correction));
        correction.Correct = true;
        var corrected = Assert.Single(await ImportAsync(correction));
        var again = Assert.Single(await ImportAsync(correction));

        Assert.Equal((1L, "KEY_REUSED"), (Assert.Single(refused.Rejects).Line, refused.Rejects[0].Reason));
        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 1 }, corrected);
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 1 }, again);
        await Eventually.EqualAsync(2, () => Task.FromResult(intake.Rows(_tenant).Count));
        var (first, second) = (intake.Rows(_tenant).Single(row => row.Supersedes.Length == 0), intake.Rows(_tenant).Single(row => row.Supersedes.Length > 0));
        Assert.Equal((first.TransitionId, moved.OccurTime), (second.Supersedes, second.OccurTime));
    }

    [Fact]
    public async Task Withdraws_a_row_and_no_other()
    {
        await ImportAsync(Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Lead)));
        var withdrawal = Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Unspecified), Row(2, "nobody", 0, Stage.Unspecified, Stage.Unspecified));
        withdrawal.Correct = true;

        var answer = Assert.Single(await ImportAsync(withdrawal));

        Assert.Equal((1, 2L, "KEY_UNKNOWN"), (answer.CorrectedCount, Assert.Single(answer.Rejects).Line, answer.Rejects[0].Reason));
        await Eventually.EqualAsync(2, () => Task.FromResult(intake.Rows(_tenant).Count));
        Assert.Single(intake.Rows(_tenant), row => row.To == Stage.Unspecified && row.Supersedes == intake.Rows(_tenant).Single(other => other.To == Stage.Lead).TransitionId);
    }

    [Fact]
    public async Task Two_imports_of_the_same_rows_at_once_store_them_once()
    {
        var batches = Enumerable.Range(0, 4)
            .Select(part => Batch([.. Enumerable.Range(0, 100).Select(i => Row(i + 1, $"{part}-{i}", 0, Stage.Unspecified, Stage.Lead))]))
            .ToArray();

        var answers = await Task.WhenAll(ImportAsync(batches), ImportAsync([.. batches.Reverse()]), ImportAsync(batches));

        Assert.Equal((400, 800), (answers.SelectMany(a => a).Sum(a => a.StoredCount), answers.SelectMany(a => a).Sum(a => a.UnchangedCount)));
        await Eventually.EqualAsync(400, () => Task.FromResult(intake.Rows(_tenant).Count));
    }

    [Fact]
    public async Task Nobody_moves_history_live()
    {
        await ImportAsync(Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Lead)));
        var lead = Assert.Single((await intake.Client.ListLeadsAsync(new ListLeadsRequest { ExternalId = "a" }, ServiceProcess.As(_tenant, "sales"))).Leads);

        var error = await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(
            new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test" }, ServiceProcess.As(_tenant, "marketing")));

        Assert.Equal((StatusCode.FailedPrecondition, "JOURNEY_IS_HISTORY"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task The_next_journey_of_an_imported_lead_is_live_and_later_history_does_not_take_its_place()
    {
        await ImportAsync(Batch(Row(1, "a", 0, Stage.Unspecified, Stage.Lead)));
        var marketing = ServiceProcess.As(_tenant, "marketing");
        var lead = Assert.Single((await intake.Client.ListLeadsAsync(new ListLeadsRequest { ExternalId = "a" }, marketing)).Leads);
        var opened = await intake.Client.OpenJourneyAsync(new OpenJourneyRequest { Name = lead.Name, Reason = "they asked again" }, marketing);
        var later = Row(2, "b", 0, Stage.Unspecified, Stage.Lead);
        (later.LeadKey, later.OccurTime) = ("a", opened.UpdateTime.ToDateTimeOffset().AddMinutes(1).ToTimestamp());

        Assert.Equal([new ImportTransitionsResponse { StoredCount = 1 }], await ImportAsync(Batch(later)));

        Assert.Equal(opened, await intake.Client.GetLeadAsync(new GetLeadRequest { Name = lead.Name }, marketing));
        Assert.Equal(Stage.Disqualified, (await intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test" }, marketing)).Stage);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_as_one_ends_the_stream()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(new ImportTransitionsRequest { Source = "Not Kebab" }));

        var error = GrpcAssert.Read(exception);
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(["import_id", "transitions", "source"], error.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task An_import_needs_a_role_that_may()
    {
        using var call = intake.Client.ImportTransitions(ServiceProcess.As(_tenant, "marketing"));

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (exception.StatusCode, GrpcAssert.Read(exception).Reason));
    }
}
