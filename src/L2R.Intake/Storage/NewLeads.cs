using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Intake.Storage;

/// <summary>Stores new leads, those that come at the same time together.</summary>
sealed class NewLeads
{
    // What is already there, a request id too, fails the whole statement: then each lead of the group is stored alone.
    const string CreateSql = $"""
        WITH given AS (
            {LeadRows.Given}
        ), request AS (
            INSERT INTO requests (tenant_id, request_id, fingerprint, resource_id, outcome)
            SELECT @tenant, request_id, fingerprint, lead_id, ''
            FROM unnest(@request_id, @fingerprint, @lead_id) AS request (request_id, fingerprint, lead_id)
            WHERE request_id IS NOT NULL
        ), lead AS (
            INSERT INTO leads (tenant_id, lead_id, external_id, channel, source, campaign, segment, region_code, industry, employee_count,
                job_level, product, journey_id, stage, stage_time, stage_seq, imported, create_time, update_time, version, custom)
            SELECT @tenant, lead_id, external_id, channel, source, campaign, segment, region_code, industry, employee_count,
                job_level, product, journey_id, stage, stage_time, stage_seq, imported, create_time, update_time, version, custom
            FROM given
        )
        INSERT INTO people (tenant_id, lead_id, email, given_name, family_name, phone, company)
        SELECT @tenant, lead_id, email, given_name, family_name, phone, company
        FROM given
        """;

    readonly NpgsqlDataSource _dataSource;
    readonly OutboxSignal _signal;
    readonly GroupCommit<NewLead, CreateOutcome> _groups;

    public NewLeads(NpgsqlDataSource dataSource, OutboxSignal signal)
    {
        (_dataSource, _signal) = (dataSource, signal);
        _groups = new(groupsAtOnce: 1, largestGroup: 250, StoreAsync, gathers: true);
    }

    /// <summary>Stores the lead, its request id and its events, or finds the lead that it is already.</summary>
    /// <param name="actor">Who sent it, for the ledger.</param>
    public Task<CreateOutcome> CreateAsync(
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
        return _groups.StoreAsync(tenant, new NewLead(new LeadMove(lead, move, actor), requestId, fingerprint), cancellationToken);
    }

    async Task<IReadOnlyList<CreateOutcome>> StoreAsync(string tenant, IReadOnlyList<NewLead> group)
    {
        try
        {
            await InsertAsync(tenant, group);
            _signal.Ring();
            return [.. group.Select(each => new CreateOutcome.Created(each.Move.Lead))];
        }
        catch (PostgresException exception) when (group is [var alone] && exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The same person or request came before, perhaps a moment ago.
            return [await FindExistingAsync(tenant, alone)];
        }
    }

    async Task InsertAsync(string tenant, IReadOnlyList<NewLead> group)
    {
        var leads = group.Select(each => each.Move.Lead).ToList();
        await using var connection = await _dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.SetTenant(tenant);
        var create = new NpgsqlBatchCommand(CreateSql);
        create.Parameters.AddLeads(tenant, leads);
        create.Parameters.Add(new NpgsqlParameter<Guid?[]>("request_id", [.. group.Select(each => each.RequestId)]));
        create.Parameters.Add(new NpgsqlParameter<byte[][]>("fingerprint", [.. group.Select(each => each.Fingerprint)]));
        batch.BatchCommands.Add(create);
        batch.BatchCommands.Add(OutboxWriter.Add(
            IntakeEvents.Moved(tenant, [.. group.Select(each => each.Move)], leads[0].UpdateTime)));
        await batch.ExecuteNonQueryAsync();
    }

    async Task<CreateOutcome> FindExistingAsync(string tenant, NewLead wanted)
    {
        var lead = wanted.Move.Lead;
        await using var connection = await _dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTenantAsync(tenant, default);
        var same = await LeadStore.FindSameAsync(transaction, tenant, lead, default);
        var claim = await transaction.ClaimRequestAsync(
            tenant, wanted.RequestId, wanted.Fingerprint, same?.Lead.Id ?? lead.Id, outcome: same?.Rule ?? "", default);
        switch (claim)
        {
            case RequestClaim.Reused:
                return new CreateOutcome.RequestIdReused();
            case RequestClaim.Replayed(var resourceId, var rule):
                var now = await LeadStore.FindAsync(transaction, tenant, resourceId, default)
                    ?? throw new InvalidOperationException($"Lead {resourceId} of a remembered request is gone.");
                return rule.Length == 0 ? new CreateOutcome.Created(now) : new CreateOutcome.Existing(now, rule);
            default:
                await transaction.CommitAsync();
                return same is { } found
                    ? new CreateOutcome.Existing(found.Lead, found.Rule)
                    : throw new InvalidOperationException("A lead was neither stored nor found: its identity was freed in between.");
        }
    }

    sealed record NewLead(LeadMove Move, Guid? RequestId, byte[] Fingerprint);
}
