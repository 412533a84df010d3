using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>Reads and writes the ledger's columns: the list is written once, here.</summary>
static class LedgerRows
{
    /// <summary>In the order that <see cref="Read"/> reads them.</summary>
    public const string Columns = """
        transition_id, lead_id, journey_id, opportunity_id, from_stage, to_stage, occurred_at, recorded_at, source_seq, origin, actor, reason,
        policy_version, score, amount, currency, supersedes, channel, source, campaign, segment, region, owner, team, product, motion, custom
        """;

    /// <summary>The same without what no figure is made of: fewer bytes of a row, and texts, to make.</summary>
    public static string FoldColumns { get; } = Columns.Replace(
        "actor, reason,", $"'' AS actor, CASE WHEN to_stage > {(int)Stage.ClosedWon} THEN reason ELSE '' END AS reason,", StringComparison.Ordinal);

    public static Transition Read(NpgsqlDataReader reader) => new()
    {
        TransitionId = reader.GetGuid(0),
        LeadId = reader.GetGuid(1),
        JourneyId = reader.GetGuid(2),
        OpportunityId = reader.IsDBNull(3) ? null : reader.GetGuid(3),
        From = StageAt(reader, 4),
        To = StageAt(reader, 5),
        OccurredAt = reader.GetFieldValue<DateTimeOffset>(6),
        RecordedAt = reader.GetFieldValue<DateTimeOffset>(7),
        SourceSeq = reader.GetInt64(8),
        Origin = (Origin)reader.GetInt16(9),
        Actor = reader.GetString(10),
        Reason = reader.GetString(11),
        PolicyVersion = Text(reader, 12),
        Score = reader.IsDBNull(13) ? null : reader.GetDouble(13),
        Amount = reader.IsDBNull(14) ? null : reader.GetDecimal(14),
        Currency = Text(reader, 15),
        Supersedes = reader.IsDBNull(16) ? null : reader.GetGuid(16),
        Dimensions = ReadDimensions(reader),
    };

    /// <summary>Every column of a batch as an array parameter of its name in the plural, but for tenant and recorded_at.</summary>
    public static void AddTransitions(this NpgsqlParameterCollection parameters, IReadOnlyList<Transition> rows)
    {
        Add("transition_ids", row => row.TransitionId);
        Add("lead_ids", row => row.LeadId);
        Add("journey_ids", row => row.JourneyId);
        Add("opportunity_ids", row => row.OpportunityId);
        Add("from_stages", row => (short?)row.From);
        Add("to_stages", row => (short?)row.To);
        Add("occurred_ats", row => row.OccurredAt);
        Add("source_seqs", row => row.SourceSeq);
        Add("origins", row => (short)row.Origin);
        Add("actors", row => row.Actor);
        Add("reasons", row => row.Reason);
        Add("policy_versions", row => row.PolicyVersion);
        Add("scores", row => row.Score);
        Add("amounts", row => row.Amount);
        Add("currencies", row => row.Currency);
        Add("supersedes", row => row.Supersedes);
        Add("channels", row => row.Dimensions.Channel);
        Add("sources", row => row.Dimensions.Source);
        Add("campaigns", row => row.Dimensions.Campaign);
        Add("segments", row => row.Dimensions.Segment);
        Add("regions", row => row.Dimensions.Region);
        Add("owners", row => row.Dimensions.Owner);
        Add("teams", row => row.Dimensions.Team);
        Add("products", row => row.Dimensions.Product);
        Add("motions", row => row.Dimensions.Motion);
        parameters.Add(CustomJson.Parameter([.. rows.Select(row => row.Dimensions.Custom)]));

        void Add<T>(string name, Func<Transition, T> column)
        {
            var values = new T[rows.Count];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = column(rows[index]);
            }
            parameters.Add(new NpgsqlParameter<T[]>(name, values));
        }
    }

    static Dimensions ReadDimensions(NpgsqlDataReader reader)
    {
        for (var column = 17; column < 27; column++)
        {
            if (!reader.IsDBNull(column))
            {
                return new Dimensions
                {
                    Channel = Text(reader, 17),
                    Source = Text(reader, 18),
                    Campaign = Text(reader, 19),
                    Segment = Text(reader, 20),
                    Region = Text(reader, 21),
                    Owner = Text(reader, 22),
                    Team = Text(reader, 23),
                    Product = Text(reader, 24),
                    Motion = Text(reader, 25),
                    Custom = CustomJson.Read(reader, 26),
                };
            }
        }
        return Dimensions.None;
    }

    static Stage? StageAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : (Stage)reader.GetInt16(column);

    public static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
