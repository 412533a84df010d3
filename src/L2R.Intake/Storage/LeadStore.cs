using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Intake.Storage;

/// <summary>All SQL on leads, but for new ones and imports.</summary>
sealed class LeadStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string UpdateSql = $"""
        WITH given AS (
            {LeadRows.Given}
        ), lead AS (
            UPDATE leads
            SET external_id = given.external_id, channel = given.channel, source = given.source, campaign = given.campaign,
                segment = given.segment, region_code = given.region_code, industry = given.industry, employee_count = given.employee_count,
                job_level = given.job_level, product = given.product, journey_id = given.journey_id, stage = given.stage,
                stage_time = given.stage_time, stage_seq = given.stage_seq, exit_from = given.exit_from, imported = given.imported,
                update_time = given.update_time, version = given.version, custom = given.custom
            FROM given
            WHERE leads.tenant_id = @tenant AND leads.lead_id = given.lead_id
        )
        INSERT INTO people (tenant_id, lead_id, email, given_name, family_name, phone, company)
        SELECT @tenant, lead_id, email, given_name, family_name, phone, company
        FROM given
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

    const string LockPositionsSql = """
        SELECT lead_id, journey_id, stage, stage_time, stage_seq, imported, exit_from
        FROM leads
        WHERE tenant_id = @tenant AND lead_id = ANY(@lead_ids)
        ORDER BY lead_id
        FOR UPDATE
        """;

    const string HearSql = """
        UPDATE leads
        SET stage = heard.stage, stage_time = heard.stage_time, stage_seq = heard.stage_seq, exit_from = heard.exit_from,
            update_time = greatest(update_time, heard.stage_time), version = version + 1
        FROM unnest(@lead_ids, @stages, @stage_times, @stage_seqs, @exit_froms) AS heard (lead_id, stage, stage_time, stage_seq, exit_from)
        WHERE leads.tenant_id = @tenant AND leads.lead_id = heard.lead_id
        """;

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

    /// <summary>Moves the lead's journey, or opens its next one.</summary>
    public Task<ChangeOutcome> MoveAsync(
        string tenant, string actor, Guid leadId, long? version, Guid? requestId, byte[] fingerprint, Func<Lead, JourneyDecision> decide, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(tenant, leadId, version, requestId, fingerprint, lead => (lead.Merge is { } merge ? new JourneyDecision.IsMerged(merge.Survivor) : decide(lead)) switch
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
            move is null ? [IntakeEvents.Changed(tenant, after)] : IntakeEvents.Moved(tenant, [new(after, move, actor)], now),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new ChangeOutcome.Done(after);
    }

    /// <summary>Takes in where other services moved the journeys of leads. Old news and unknown leads change nothing.</summary>
    /// <returns>What was news.</returns>
    public static async Task<IReadOnlyList<HeardMove>> HearAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> heard, CancellationToken cancellationToken)
    {
        var known = await LockPositionsAsync(transaction, tenant, [.. heard.Select(move => move.LeadId)], cancellationToken);
        var news = new Dictionary<Guid, JourneyPosition>();
        foreach (var (leadId, position) in heard)
        {
            if ((news.GetValueOrDefault(leadId) ?? known.GetValueOrDefault(leadId)) is { } before && Journeys.Hear(before, position) is { } after)
            {
                news[leadId] = after;
            }
        }
        if (news.Count == 0)
        {
            return [];
        }
        await using var command = new NpgsqlCommand(HearSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. news.Keys]),
                new NpgsqlParameter<short[]>("stages", [.. news.Values.Select(position => (short)position.Stage)]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. news.Values.Select(position => position.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. news.Values.Select(position => position.SourceSeq)]),
                new NpgsqlParameter<short?[]>("exit_froms", [.. news.Values.Select(position => (short?)position.ExitFrom)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return [.. news.Select(each => new HeardMove(each.Key, each.Value))];
    }

    static async Task<Dictionary<Guid, JourneyPosition>> LockPositionsAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] leadIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockPositionsSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("lead_ids", leadIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var positions = new Dictionary<Guid, JourneyPosition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            positions.Add(reader.GetGuid(0), new JourneyPosition(
                reader.GetGuid(1), (Stage)reader.GetInt16(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4), reader.GetBoolean(5))
            {
                ExitFrom = LeadRows.StageOrNull(reader, 6),
            });
        }
        return positions;
    }

    /// <summary>Reads a lead that nobody else changes until the transaction ends.</summary>
    public static Task<Lead?> LockAsync(NpgsqlTransaction transaction, string tenant, Guid leadId, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, LockSql, tenant, leadId, cancellationToken);

    /// <summary>Writes a lead that was read with <see cref="LockAsync"/>.</summary>
    public static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Lead lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UpdateSql, transaction.Connection, transaction);
        command.Parameters.AddLeads(tenant, [lead]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Finds another lead that is the same person, and by which rule.</summary>
    public static async Task<(Lead Lead, string Rule)?> FindSameAsync(NpgsqlTransaction transaction, string tenant, Lead lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSameSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("lead_id", lead.Id),
                new NpgsqlParameter<string?>("external_id", NpgsqlDbType.Text) { TypedValue = lead.Details.ExternalId },
                new NpgsqlParameter<string?>("email", NpgsqlDbType.Text) { TypedValue = lead.Details.Person.Email?.Value },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (LeadRows.Read(reader), reader.GetBoolean(reader.GetOrdinal("by_external_id")) ? "external_id" : "email")
            : null;
    }

    /// <summary>Reads a lead of the transaction's tenant.</summary>
    public static Task<Lead?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid leadId, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, FindSql, tenant, leadId, cancellationToken);

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

/// <summary>Where a service moved the journey of a lead.</summary>
sealed record HeardMove(Guid LeadId, JourneyPosition Position);
