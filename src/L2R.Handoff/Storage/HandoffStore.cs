using L2R.Handoff.Domain;
using L2R.Handoff.Messaging;
using L2R.Handoff.V1;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using Qualification = L2R.Handoff.Domain.Qualification;

namespace L2R.Handoff.Storage;

/// <summary>All SQL that changes journeys, but for assigning in turn and for imports.</summary>
sealed class HandoffStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string FindSql = $"SELECT {HandoffRows.Columns} {HandoffRows.From} WHERE h.tenant_id = @tenant AND h.journey_id = @journey_id";

    const string LockSql = $"{FindSql} FOR UPDATE OF h";

    // Of several journeys of a lead, one that can be pulled; else the newest, to say why not.
    const string FindOfLeadSql = """
        SELECT journey_id
        FROM handoffs
        WHERE tenant_id = @tenant AND lead_id = @lead_id
        ORDER BY stage IN (0, 1) AND NOT imported DESC, stage_time DESC, journey_id DESC
        LIMIT 1
        """;

    const string HasLaterSql = """
        SELECT EXISTS (
            SELECT FROM handoffs
            WHERE tenant_id = @tenant AND lead_id = @lead_id AND journey_id <> @journey_id AND NOT imported AND stage_time > @stage_time)
        """;

    const string LockAllSql = $"""
        SELECT {HandoffRows.Columns}
        {HandoffRows.From}
        WHERE h.tenant_id = @tenant AND h.journey_id = ANY(@journey_ids)
        ORDER BY h.journey_id
        FOR UPDATE OF h
        """;

    const string InsertSql = $"""
        INSERT INTO handoffs (journey_id, lead_id, stage, stage_time, stage_seq, channel, source, campaign, segment, region, product, motion,
            rep_id, queue_time, assign_time, accept_time, qualify_time, qualification, imported, version, exit_from, tenant_id)
        SELECT given.*, @tenant FROM ({HandoffRows.Given}) AS given
        ORDER BY journey_id
        ON CONFLICT DO NOTHING
        """;

    const string UpdateSql = $"""
        UPDATE handoffs
        SET stage = given.stage, stage_time = given.stage_time, stage_seq = given.stage_seq, channel = given.channel, source = given.source,
            campaign = given.campaign, segment = given.segment, region = given.region, product = given.product, motion = given.motion,
            rep_id = given.rep_id, queue_time = given.queue_time, assign_time = given.assign_time, accept_time = given.accept_time,
            qualify_time = given.qualify_time, qualification = given.qualification, version = given.version,
            exit_from = given.exit_from
        FROM ({HandoffRows.Given}) AS given
        WHERE handoffs.tenant_id = @tenant AND handoffs.journey_id = given.journey_id
        """;

    public Task<HandoffOutcome> AcceptAsync(HandoffCommand command, CancellationToken cancellationToken) =>
        ChangeAsync(
            command,
            AssignmentCause.Taken,
            async (transaction, journey) => Handoffs.Accept(journey, await CallerAsync(transaction, command, cancellationToken), command.Now),
            cancellationToken);

    /// <param name="command">Its journey doesn't matter: the lead's own is found here.</param>
    public async Task<HandoffOutcome> PullAsync(HandoffCommand command, Guid leadId, string reason, CancellationToken cancellationToken) =>
        await FindOfLeadAsync(command.Tenant, leadId, cancellationToken) is { } journeyId
            ? await ChangeAsync(
                command with { JourneyId = journeyId },
                AssignmentCause.Taken,
                async (transaction, journey) => Handoffs.Pull(journey, await CallerAsync(transaction, command, cancellationToken), reason, command.Now),
                cancellationToken)
            : new HandoffOutcome.NotHeardOf();

    public Task<HandoffOutcome> QualifyAsync(HandoffCommand command, Qualification qualification, CancellationToken cancellationToken) =>
        ChangeAsync(command, cause: default, (_, journey) => Decided(Handoffs.Qualify(journey, qualification, command.Now)), cancellationToken);

    /// <param name="exit">REJECTED, RECYCLED or DISQUALIFIED.</param>
    public Task<HandoffOutcome> EndAsync(HandoffCommand command, Stage exit, string reason, CancellationToken cancellationToken) =>
        ChangeAsync(command, cause: default, (_, journey) => Decided(Handoffs.End(journey, exit, reason, command.Now)), cancellationToken);

    public Task<HandoffOutcome> ReopenAsync(HandoffCommand command, string reason, CancellationToken cancellationToken) =>
        ChangeAsync(
            command,
            AssignmentCause.Taken,
            async (transaction, journey) => Handoffs.Reopen(
                journey,
                await CallerAsync(transaction, command, cancellationToken),
                isLatest: !await HasLaterAsync(transaction, command.Tenant, journey, cancellationToken),
                reason,
                command.Now),
            cancellationToken);

    public Task<HandoffOutcome> AssignAsync(HandoffCommand command, Guid repId, CancellationToken cancellationToken) =>
        ChangeAsync(
            command,
            AssignmentCause.ByHand,
            async (transaction, journey) => await RepStore.FindAsync(transaction, command.Tenant, repId, cancellationToken) is { } rep
                ? Handoffs.Assign(journey, rep, command.Now)
                : null,
            cancellationToken);

    /// <summary>Takes in where other services moved journeys.</summary>
    /// <param name="heard">The journeys as each row alone tells them.</param>
    public static async Task HearAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<SalesJourney> heard, CancellationToken cancellationToken)
    {
        var known = await LockAllAsync(transaction, tenant, [.. heard.Select(journey => journey.JourneyId)], cancellationToken);
        var news = new Dictionary<Guid, SalesJourney>();
        foreach (var row in heard)
        {
            if (Handoffs.Hear(news.GetValueOrDefault(row.JourneyId) ?? known.GetValueOrDefault(row.JourneyId), row) is { } journey)
            {
                news[row.JourneyId] = journey;
            }
        }
        var (old, fresh) = (news.Values.Where(IsKnown).ToList(), news.Values.Where(journey => !IsKnown(journey)).ToList());
        if (old.Count > 0)
        {
            await WriteAsync(transaction, UpdateSql, tenant, old, cancellationToken);
        }
        if (fresh.Count > 0 && await WriteAsync(transaction, InsertSql, tenant, fresh, cancellationToken) < fresh.Count)
        {
            // Another event of one of them was first, a moment ago. What is stored by now is old news.
            await HearAsync(transaction, tenant, heard, cancellationToken);
        }

        bool IsKnown(SalesJourney journey) => known.ContainsKey(journey.JourneyId);
    }

    /// <param name="decide">Null where there is no such rep.</param>
    async Task<HandoffOutcome> ChangeAsync(
        HandoffCommand command,
        AssignmentCause cause,
        Func<NpgsqlTransaction, SalesJourney, Task<HandoffDecision?>> decide,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(command.Tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(command.Tenant, command.RequestId, command.Fingerprint, command.JourneyId, cancellationToken))
        {
            case RequestClaim.Reused:
                return new HandoffOutcome.RequestIdReused();
            case RequestClaim.Replayed(var journeyId, _):
                return await FindAsync(transaction, command.Tenant, journeyId, cancellationToken) is { } now
                    ? new HandoffOutcome.Done(now)
                    : new HandoffOutcome.NotHeardOf();
        }
        if (await LockAsync(transaction, command.Tenant, command.JourneyId, cancellationToken) is not { } before)
        {
            return new HandoffOutcome.NotHeardOf();
        }
        if (command.Version is { } seen && seen != before.Version)
        {
            return new HandoffOutcome.EtagStale();
        }
        SalesJourney after;
        var events = new List<OutboxEvent>();
        switch (await decide(transaction, before))
        {
            case null:
                return new HandoffOutcome.RepNotFound();
            case HandoffDecision.AlreadyDone:
                after = before;
                break;
            case HandoffDecision.Assigned(var assigned):
                after = assigned;
                break;
            case HandoffDecision.Moved(var moved, var move):
                after = moved;
                events.Add(HandoffEvents.Moved(command.Tenant, moved, move, command.Actor, command.Now));
                break;
            case HandoffDecision.Refused when before.Stage.IsExit() && await HasLaterAsync(transaction, command.Tenant, before, cancellationToken):
                return new HandoffOutcome.Refused(new HandoffDecision.NotLatest()); // the way back from the exit is closed too
            case var refused:
                return new HandoffOutcome.Refused(refused);
        }
        if (after.Owner is { } owner && owner.RepId != before.Owner?.RepId)
        {
            events.Add(HandoffEvents.Assigned(command.Tenant, [new(after, before.Owner, cause)], command.Now));
        }
        if (after != before)
        {
            await WriteAsync(transaction, UpdateSql, command.Tenant, [after], cancellationToken);
        }
        await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new HandoffOutcome.Done(after);
    }

    async Task<Guid?> FindOfLeadAsync(string tenant, Guid leadId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(FindOfLeadSql, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("lead_id", leadId) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    static async Task<Assignee?> CallerAsync(NpgsqlTransaction transaction, HandoffCommand command, CancellationToken cancellationToken) =>
        (await RepStore.FindBySubjectAsync(transaction, command.Tenant, command.Subject, cancellationToken))?.AsAssignee;

    static async Task<bool> HasLaterAsync(NpgsqlTransaction transaction, string tenant, SalesJourney journey, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HasLaterSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("lead_id", journey.LeadId),
                new NpgsqlParameter<Guid>("journey_id", journey.JourneyId),
                new NpgsqlParameter<DateTimeOffset>("stage_time", journey.Position.OccurTime),
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    static Task<HandoffDecision?> Decided(HandoffDecision decision) => Task.FromResult<HandoffDecision?>(decision);

    /// <summary>Reads a journey of the transaction's tenant, also one that has not come to sales.</summary>
    public static Task<SalesJourney?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid journeyId, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, FindSql, tenant, journeyId, cancellationToken);

    static Task<SalesJourney?> LockAsync(NpgsqlTransaction transaction, string tenant, Guid journeyId, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, LockSql, tenant, journeyId, cancellationToken);

    static async Task<Dictionary<Guid, SalesJourney>> LockAllAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeyIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockAllSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("journey_ids", journeyIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var journeys = new Dictionary<Guid, SalesJourney>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var journey = HandoffRows.Read(reader);
            journeys.Add(journey.JourneyId, journey);
        }
        return journeys;
    }

    static async Task<int> WriteAsync(
        NpgsqlTransaction transaction, string sql, string tenant, IReadOnlyList<SalesJourney> journeys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddJourneys(tenant, journeys);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<SalesJourney?> ReadOneAsync(NpgsqlTransaction transaction, string sql, string tenant, Guid journeyId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("journey_id", journeyId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? HandoffRows.Read(reader) : null;
    }
}
