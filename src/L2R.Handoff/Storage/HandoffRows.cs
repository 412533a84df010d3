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

    /// <summary>Every column of the table as a parameter of its name.</summary>
    public static void AddJourney(this NpgsqlParameterCollection parameters, string tenant, SalesJourney journey)
    {
        var (position, traits) = (journey.Position, journey.Traits);
        parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        parameters.Add(new NpgsqlParameter<Guid>("journey_id", journey.JourneyId));
        parameters.Add(new NpgsqlParameter<Guid>("lead_id", journey.LeadId));
        parameters.Add(new NpgsqlParameter<short>("stage", (short)position.Stage));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("stage_time", position.OccurTime));
        parameters.Add(new NpgsqlParameter<long>("stage_seq", position.SourceSeq));
        parameters.Add(new NpgsqlParameter<string>("channel", traits.Channel));
        parameters.Add(new NpgsqlParameter<string>("source", traits.Source));
        parameters.Add(new NpgsqlParameter<string>("campaign", traits.Campaign));
        parameters.Add(new NpgsqlParameter<string>("segment", traits.Segment));
        parameters.Add(new NpgsqlParameter<string>("region", traits.Region));
        parameters.Add(new NpgsqlParameter<string>("product", traits.Product));
        parameters.Add(new NpgsqlParameter<string>("motion", traits.Motion));
        parameters.Add(Nullable("rep_id", NpgsqlDbType.Uuid, journey.Owner?.RepId));
        parameters.Add(Nullable("queue_time", NpgsqlDbType.TimestampTz, journey.QueueTime));
        parameters.Add(Nullable("assign_time", NpgsqlDbType.TimestampTz, journey.AssignTime));
        parameters.Add(Nullable("accept_time", NpgsqlDbType.TimestampTz, journey.AcceptTime));
        parameters.Add(Nullable("qualify_time", NpgsqlDbType.TimestampTz, journey.QualifyTime));
        parameters.Add(Nullable("qualification", NpgsqlDbType.Jsonb, journey.Qualification is { } found ? JsonSerializer.Serialize(found) : null));
        parameters.Add(new NpgsqlParameter<bool>("imported", journey.Imported));
        parameters.Add(new NpgsqlParameter<long>("version", journey.Version));
        parameters.Add(Nullable("exit_from", NpgsqlDbType.Smallint, (short?)journey.ExitFrom));
    }

    public static NpgsqlParameter Nullable(string name, NpgsqlDbType type, object? value) => new(name, type) { Value = value ?? DBNull.Value };

    static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
