using L2R.Ledger.Domain;
using L2R.Scoring.Domain;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Scoring.Storage;

/// <summary>All SQL that reads scores.</summary>
sealed class ScoreStore(NpgsqlDataSource dataSource)
{
    const string Select = """
        SELECT journey_id, lead_id, points, threshold, policy_version, stage, create_time, score_time, qualify_time
        FROM journeys
        WHERE tenant_id = @tenant AND policy_version IS NOT NULL
        """;

    const string FindSql = $"{Select} AND journey_id = @journey_id";

    const string ListSql = $"""
        {Select} AND (create_time, journey_id) < (@create_time, @journey_id) AND (@lead_id IS NULL OR lead_id = @lead_id)
        ORDER BY create_time DESC, journey_id DESC
        LIMIT @limit
        """;

    const string ContributionsSql = """
        SELECT journey_id, policy_version, rule, points, matched
        FROM contributions
        WHERE tenant_id = @tenant AND journey_id = ANY(@journey_ids)
        ORDER BY journey_id, policy_version DESC, position
        """;

    /// <returns>Null when the journey was never scored.</returns>
    public async Task<Score?> FindAsync(string tenant, Guid journeyId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("journey_id", journeyId) },
        };
        return (await ReadAsync(tenant, command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">The last score of the page before; null for the first page.</param>
    /// <param name="leadId">Only the journeys of this lead; null for all.</param>
    public async Task<IReadOnlyList<Score>> ListAsync(
        string tenant, (DateTimeOffset CreateTime, Guid JourneyId)? before, Guid? leadId, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ListSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("create_time", before?.CreateTime ?? DateTimeOffset.MaxValue),
                new NpgsqlParameter<Guid>("journey_id", before?.JourneyId ?? Guid.AllBitsSet),
                new NpgsqlParameter("lead_id", NpgsqlDbType.Uuid) { Value = (object?)leadId ?? DBNull.Value },
                new NpgsqlParameter<int>("limit", limit),
            },
        };
        return await ReadAsync(tenant, command, cancellationToken);
    }

    async Task<IReadOnlyList<Score>> ReadAsync(string tenant, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        (command.Connection, command.Transaction) = (connection, transaction);
        List<Score> scores = [];
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var qualifyTime = reader.GetFieldValue<DateTimeOffset?>(8);
                scores.Add(new Score
                {
                    JourneyId = reader.GetGuid(0),
                    LeadId = reader.GetGuid(1),
                    Points = reader.GetInt32(2),
                    Threshold = reader.GetInt32(3),
                    PolicyVersion = reader.GetInt32(4),
                    State = Score.StateOf((Stage)reader.GetInt16(5), qualifyTime),
                    CreateTime = reader.GetFieldValue<DateTimeOffset>(6),
                    UpdateTime = reader.GetFieldValue<DateTimeOffset>(7),
                    QualifyTime = qualifyTime,
                    Contributions = [],
                });
            }
        }
        var contributions = await ReadContributionsAsync(transaction, tenant, [.. scores.Select(score => score.JourneyId)], cancellationToken);
        return [.. scores.Select(score => score with { Contributions = [.. contributions[score.JourneyId]] })];
    }

    static async Task<ILookup<Guid, (int PolicyVersion, Contribution Contribution)>> ReadContributionsAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeyIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ContributionsSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("journey_ids", journeyIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid JourneyId, (int, Contribution) Given)> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetGuid(0), (reader.GetInt32(1), new(reader.GetString(2), reader.GetInt32(3), reader.GetString(4)))));
        }
        return rows.ToLookup(row => row.JourneyId, row => row.Given);
    }
}
