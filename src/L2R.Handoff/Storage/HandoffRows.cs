using System.Text.Json;
using L2R.Handoff.Domain;
using L2R.Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Handoff.Storage;

/// <summary>Reads and writes a journey's columns: the list is written once, here.</summary>
static class HandoffRows
{
    /// <summary>Of <see cref="From"/>, in the order that <see cref="Read"/> reads them.</summary>
    public const string Columns = """
        h.journey_id, h.lead_id, h.stage, h.stage_time, h.stage_seq, h.channel, h.source, h.campaign, h.segment, h.region, h.product, h.motion,
        h.rep_id, h.queue_time, h.assign_time, h.accept_time, h.qualify_time, h.qualification, h.imported, h.version, r.team, h.exit_from
        """;

    public const string From = "FROM handoffs h LEFT JOIN reps r USING (tenant_id, rep_id)";

    public static SalesJourney Read(NpgsqlDataReader reader) => new()
    {
        JourneyId = reader.GetGuid(0),
        LeadId = reader.GetGuid(1),
        Position = new JourneyPosition((Stage)reader.GetInt16(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4)),
        Traits = new Traits
        {
            Channel = reader.GetString(5),
            Source = reader.GetString(6),
            Campaign = reader.GetString(7),
            Segment = reader.GetString(8),
            Region = reader.GetString(9),
            Product = reader.GetString(10),
            Motion = reader.GetString(11),
        },
        Owner = reader.IsDBNull(12) ? null : new Assignee(reader.GetGuid(12), reader.IsDBNull(20) ? "" : reader.GetString(20)),
        QueueTime = Time(reader, 13),
        AssignTime = Time(reader, 14),
        AcceptTime = Time(reader, 15),
        QualifyTime = Time(reader, 16),
        Qualification = reader.IsDBNull(17) ? null : JsonSerializer.Deserialize<Qualification>(reader.GetString(17)),
        Imported = reader.GetBoolean(18),
        Version = reader.GetInt64(19),
        ExitFrom = reader.IsDBNull(21) ? null : (Stage)reader.GetInt16(21),
    };

    /// <summary>Journeys with every column of the table, from the parameters of <see cref="AddJourneys"/>.</summary>
    public const string Given = """
        SELECT *
        FROM unnest(@journey_id, @lead_id, @stage, @stage_time, @stage_seq, @channel, @source, @campaign, @segment, @region, @product, @motion,
                @rep_id, @queue_time, @assign_time, @accept_time, @qualify_time, @qualification, @imported, @version, @exit_from)
            AS given (journey_id, lead_id, stage, stage_time, stage_seq, channel, source, campaign, segment, region, product, motion,
                rep_id, queue_time, assign_time, accept_time, qualify_time, qualification, imported, version, exit_from)
        """;

    /// <summary>Every column of the table as a parameter of its name: an array with one element per journey.</summary>
    public static void AddJourneys(this NpgsqlParameterCollection parameters, string tenant, IReadOnlyList<SalesJourney> journeys)
    {
        parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        Add("journey_id", journey => journey.JourneyId);
        Add("lead_id", journey => journey.LeadId);
        Add("stage", journey => (short)journey.Position.Stage);
        Add("stage_time", journey => journey.Position.OccurTime);
        Add("stage_seq", journey => journey.Position.SourceSeq);
        Add("channel", journey => journey.Traits.Channel);
        Add("source", journey => journey.Traits.Source);
        Add("campaign", journey => journey.Traits.Campaign);
        Add("segment", journey => journey.Traits.Segment);
        Add("region", journey => journey.Traits.Region);
        Add("product", journey => journey.Traits.Product);
        Add("motion", journey => journey.Traits.Motion);
        Add("rep_id", journey => journey.Owner?.RepId);
        Add("queue_time", journey => journey.QueueTime);
        Add("assign_time", journey => journey.AssignTime);
        Add("accept_time", journey => journey.AcceptTime);
        Add("qualify_time", journey => journey.QualifyTime);
        parameters.Add(new NpgsqlParameter<string?[]>("qualification", NpgsqlDbType.Array | NpgsqlDbType.Jsonb)
        {
            TypedValue = [.. journeys.Select(journey => journey.Qualification is { } found ? JsonSerializer.Serialize(found) : null)],
        });
        Add("imported", journey => journey.Imported);
        Add("version", journey => journey.Version);
        Add("exit_from", journey => (short?)journey.ExitFrom);

        void Add<T>(string name, Func<SalesJourney, T> column) => parameters.Add(new NpgsqlParameter<T[]>(name, [.. journeys.Select(column)]));
    }

    public static NpgsqlParameter Nullable(string name, NpgsqlDbType type, object? value) => new(name, type) { Value = value ?? DBNull.Value };

    static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
