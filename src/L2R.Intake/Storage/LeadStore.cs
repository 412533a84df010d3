using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Intake.Storage;

/// <summary>All SQL on leads, but for imports.</summary>
sealed class LeadStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    // One statement, one round trip. The lead is inserted only where the request id is new, the rest only with the lead.
    const string CreateSql = """
        WITH claim AS (
            INSERT INTO requests (tenant_id, request_id, fingerprint, resource_id, outcome)
            SELECT @tenant, @request_id, @fingerprint, @lead_id, ''
            WHERE @request_id IS NOT NULL
            ON CONFLICT DO NOTHING
            RETURNING request_id
        ), lead AS (
            INSERT INTO leads (tenant_id, lead_id, external_id, channel, source, campaign, segment, region_code, industry, employee_count,
                job_level, product, journey_id, stage, stage_time, stage_seq, imported, create_time, update_time, version)
            SELECT @tenant, @lead_id, @external_id, @channel, @source, @campaign, @segment, @region_code, @industry, @employee_count,
                @job_level, @product, @journey_id, @stage, @stage_time, @stage_seq, @imported, @create_time, @update_time, @version
            WHERE @request_id IS NULL OR EXISTS (SELECT FROM claim)
            RETURNING tenant_id, lead_id
        ), person AS (
            INSERT INTO people (tenant_id, lead_id, email, given_name, family_name, phone, company)
            SELECT tenant_id, lead_id, @email, @given_name, @family_name, @phone, @company
            FROM lead
        )
        INSERT INTO outbox (event_id, event_type, routing_key, payload, trace_parent)
        SELECT event.*
        FROM lead, unnest(@event_ids, @event_types, @routing_keys, @payloads, @trace_parents) AS event
        """;

    const string UpdateSql = """
        WITH lead AS (
            UPDATE leads
            SET external_id = @external_id, channel = @channel, source = @source, campaign = @campaign, segment = @segment,
                region_code = @region_code, industry = @industry, employee_count = @employee_count, job_level = @job_level,
                product = @product, journey_id = @journey_id, stage = @stage, stage_time = @stage_time, stage_seq = @stage_seq,
                imported = @imported, update_time = @update_time, version = @version
            WHERE tenant_id = @tenant AND lead_id = @lead_id
        )
        INSERT INTO people (tenant_id, lead_id, email, given_name, family_name, phone, company)
        VALUES (@tenant, @lead_id, @email, @given_name, @family_name, @phone, @company)
        ON CONFLICT (tenant_id, lead_id) DO UPDATE
        SET email = EXCLUDED.email, given_name = EXCLUDED.given_name, family_name = EXCLUDED.family_name,
            phone = EXCLUDED.phone, company = EXCLUDED.company
        """;

    const string FindSql = $"SELECT {LeadRows.Columns} {LeadRows.From} WHERE l.tenant_id = @tenant AND l.lead_id = @lead_id";

    const string LockSql = $"{FindSql} FOR UPDATE OF l";

    const string FindSameSql = $"""
        SELECT {LeadRows.Columns}, (l.external_id IS NOT DISTINCT FROM @external_id AND @external_id IS NOT NULL) AS by_external_id
        {LeadRows.From}
        WHERE l.tenant_id = @tenant AND l.lead_id <> @lead_id AND (l.external_id = @external_id OR p.email = @email)
        ORDER BY by_external_id DESC
        LIMIT 1
        """;

    const string ListSql = $"""
        SELECT {LeadRows.Columns}
        {LeadRows.From}
        WHERE l.tenant_id = @tenant AND (l.create_time, l.lead_id) < (@create_time, @lead_id) AND (@external_id IS NULL OR l.external_id = @external_id)
        ORDER BY l.create_time DESC, l.lead_id DESC
        LIMIT @limit
        """;

    const string HearSql = """
        UPDATE leads
        SET stage = @stage, stage_time = @stage_time, stage_seq = @stage_seq, update_time = greatest(update_time, @stage_time), version = version + 1
        WHERE tenant_id = @tenant AND lead_id = @lead_id
        """;

    /// <summary>Stores the lead, its request id and its events, or finds the lead that it is already.</summary>
    /// <param name="actor">Who sent it, for the ledger.</param>
    public async Task<CreateOutcome> CreateAsync(
        string tenant, string actor, Guid? requestId, byte[] fingerprint, LeadDetails details, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var move = Journeys.Open(Guid.CreateVersion7(now), now);
        var lead = new Lead
        {
            Id = Guid.CreateVersion7(now),
            Details = details,
            Journey = move.Position,
            CreateTime = now,
            UpdateTime = now,
            Version = 1,
        };
        OutboxEvent[] events = [IntakeEvents.Changed(tenant, lead), IntakeEvents.Moved(tenant, lead, move, actor, now)];
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection);
            batch.SetTenant(tenant);
            var create = new NpgsqlBatchCommand(CreateSql);
            create.Parameters.AddLead(tenant, lead);
            create.Parameters.Add(new NpgsqlParameter("request_id", NpgsqlDbType.Uuid) { Value = (object?)requestId ?? DBNull.Value });
            create.Parameters.Add(new NpgsqlParameter<byte[]>("fingerprint", fingerprint));
            create.Parameters.Add(new NpgsqlParameter<Guid[]>("event_ids", [.. events.Select(e => e.EventId)]));
            create.Parameters.Add(new NpgsqlParameter<string[]>("event_types", [.. events.Select(e => e.EventType)]));
            create.Parameters.Add(new NpgsqlParameter<string[]>("routing_keys", [.. events.Select(e => e.RoutingKey)]));
            create.Parameters.Add(new NpgsqlParameter<byte[][]>("payloads", [.. events.Select(e => e.Payload)]));
            create.Parameters.Add(new NpgsqlParameter<string?[]>("trace_parents", [.. events.Select(e => e.TraceParent)]));
            batch.BatchCommands.Add(create);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            if (create.RecordsAffected > 0)
            {
                signal.Ring();
                return new CreateOutcome.Created(lead);
            }
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The same person came before, perhaps a moment ago.
        }
        return await FindExistingAsync(tenant, requestId, fingerprint, lead, cancellationToken);
    }

    async Task<CreateOutcome> FindExistingAsync(string tenant, Guid? requestId, byte[] fingerprint, Lead lead, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var same = await FindSameAsync(transaction, tenant, lead, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(
            tenant, requestId, fingerprint, same?.Lead.Id ?? lead.Id, outcome: same?.Rule ?? "", cancellationToken);
        switch (claim)
        {
            case RequestClaim.Reused:
                return new CreateOutcome.RequestIdReused();
            case RequestClaim.Replayed(var resourceId, var rule):
                var now = await ReadOneAsync(transaction, FindSql, tenant, resourceId, cancellationToken)
                    ?? throw new InvalidOperationException($"Lead {resourceId} of a remembered request is gone.");
                return rule.Length == 0 ? new CreateOutcome.Created(now) : new CreateOutcome.Existing(now, rule);
            default:
                await transaction.CommitAsync(cancellationToken);
                return same is { } found
                    ? new CreateOutcome.Existing(found.Lead, found.Rule)
                    : throw new InvalidOperationException("A lead was neither stored nor found: its identity was freed in between.");
        }
    }

    public async Task<Lead?> FindAsync(string tenant, Guid leadId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReadOneAsync(transaction, FindSql, tenant, leadId, cancellationToken);
    }

    /// <param name="before">The last lead of the page before; null for the first page.</param>
    /// <param name="limit">At least 1.</param>
    /// <returns>Newest first.</returns>
    public async Task<IReadOnlyList<Lead>> ListAsync(
        string tenant, (DateTimeOffset CreateTime, Guid LeadId)? before, string? externalId, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(ListSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("create_time", before?.CreateTime ?? DateTimeOffset.MaxValue),
                new NpgsqlParameter<Guid>("lead_id", before?.LeadId ?? Guid.AllBitsSet),
                new NpgsqlParameter("external_id", NpgsqlDbType.Text) { Value = (object?)externalId ?? DBNull.Value },
                new NpgsqlParameter<int>("limit", limit),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leads = new List<Lead>();
        while (await reader.ReadAsync(cancellationToken))
        {
            leads.Add(LeadRows.Read(reader));
        }
        return leads;
    }

    /// <summary>Changes what is said of a lead; nobody else changes it meanwhile. Where it is so already, nothing is written or told.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    public Task<ChangeOutcome> UpdateAsync(
        string tenant, Guid leadId, long? version, Guid? requestId, byte[] fingerprint, Func<LeadDetails, LeadDetails> change, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(tenant, leadId, version, requestId, fingerprint, lead => (lead with { Details = change(lead.Details) }, null, null), actor: "", now, cancellationToken);

    /// <summary>Ends the lead's journey where it stands in LEAD.</summary>
    public Task<ChangeOutcome> DisqualifyAsync(
        string tenant, string actor, Guid leadId, long? version, Guid? requestId, byte[] fingerprint, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(tenant, leadId, version, requestId, fingerprint, lead => Journeys.Disqualify(lead.Journey, reason, now) switch
        {
            JourneyDecision.Moved(var move) => (lead with { Journey = move.Position }, move, null),
            var refused => (lead, null, refused),
        }, actor, now, cancellationToken);

    async Task<ChangeOutcome> ChangeAsync(
        string tenant,
        Guid leadId,
        long? version,
        Guid? requestId,
        byte[] fingerprint,
        Func<Lead, (Lead Lead, StageMove? Move, JourneyDecision? Refused)> decide,
        string actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, leadId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new ChangeOutcome.RequestIdReused();
        }
        if (await ReadOneAsync(transaction, LockSql, tenant, leadId, cancellationToken) is not { } before)
        {
            return new ChangeOutcome.NotFound();
        }
        if (claim is RequestClaim.Replayed)
        {
            return new ChangeOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new ChangeOutcome.EtagStale();
        }
        var (after, move, refused) = decide(before);
        if (refused is not null)
        {
            return new ChangeOutcome.Refused(refused);
        }
        if (after == before)
        {
            await transaction.CommitAsync(cancellationToken); // of the request id alone
            return new ChangeOutcome.Done(before);
        }
        after = after with { Version = before.Version + 1, UpdateTime = now };
        try
        {
            await WriteAsync(transaction, tenant, after, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(cancellationToken);
            await using var again = await connection.BeginTenantAsync(tenant, cancellationToken);
            return new ChangeOutcome.IdentityTaken((await FindSameAsync(again, tenant, after, cancellationToken))?.Lead.Id ?? default);
        }
        await OutboxWriter.AddAsync(
            transaction,
            move is null ? [IntakeEvents.Changed(tenant, after)] : [IntakeEvents.Moved(tenant, after, move, actor, now)],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new ChangeOutcome.Done(after);
    }

    /// <summary>Takes in where another service moved the lead's journey. Old news and unknown leads change nothing.</summary>
    public static async Task HearAsync(NpgsqlTransaction transaction, string tenant, Guid leadId, JourneyPosition heard, CancellationToken cancellationToken)
    {
        if (await LockAsync(transaction, tenant, leadId, cancellationToken) is not { } lead || Journeys.Hear(lead.Journey, heard) is not { } news)
        {
            return;
        }
        await using var command = new NpgsqlCommand(HearSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("lead_id", leadId),
                new NpgsqlParameter<short>("stage", (short)news.Stage),
                new NpgsqlParameter<DateTimeOffset>("stage_time", news.OccurTime),
                new NpgsqlParameter<long>("stage_seq", news.SourceSeq),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads a lead that nobody else changes until the transaction ends.</summary>
    public static Task<Lead?> LockAsync(NpgsqlTransaction transaction, string tenant, Guid leadId, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, LockSql, tenant, leadId, cancellationToken);

    /// <summary>Writes a lead that was read with <see cref="LockAsync"/>.</summary>
    public static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Lead lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UpdateSql, transaction.Connection, transaction);
        command.Parameters.AddLead(tenant, lead);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<(Lead Lead, string Rule)?> FindSameAsync(NpgsqlTransaction transaction, string tenant, Lead lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSameSql, transaction.Connection, transaction);
        command.Parameters.AddLead(tenant, lead);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (LeadRows.Read(reader), reader.GetBoolean(reader.GetOrdinal("by_external_id")) ? "external_id" : "email")
            : null;
    }

    static async Task<Lead?> ReadOneAsync(NpgsqlTransaction transaction, string sql, string tenant, Guid leadId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("lead_id", leadId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? LeadRows.Read(reader) : null;
    }
}
