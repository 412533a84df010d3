using L2R.Intake.Domain;
using L2R.Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Intake.Storage;

/// <summary>Reads and writes a lead's columns: the list is written once, here.</summary>
static class LeadRows
{
    /// <summary>Of <c>leads l LEFT JOIN people p</c>, in the order that <see cref="Read"/> reads them.</summary>
    public const string Columns = """
        l.lead_id, l.external_id, l.channel, l.source, l.campaign, l.segment, l.region_code, l.industry, l.employee_count, l.job_level,
        l.product, l.journey_id, l.stage, l.stage_time, l.stage_seq, l.imported, l.create_time, l.update_time, l.version,
        p.email, coalesce(p.given_name, '') given_name, coalesce(p.family_name, '') family_name, coalesce(p.phone, '') phone, coalesce(p.company, '') company
        """;

    public const string From = "FROM leads l LEFT JOIN people p USING (tenant_id, lead_id)";

    public static Lead Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Details = new LeadDetails
        {
            ExternalId = Text(reader, 1),
            Channel = reader.GetString(2),
            Source = reader.GetString(3),
            Campaign = reader.GetString(4),
            Profile = new Profile
            {
                Segment = reader.GetString(5),
                RegionCode = reader.GetString(6),
                Industry = reader.GetString(7),
                EmployeeCount = reader.GetInt32(8),
                JobLevel = reader.GetString(9),
                Product = reader.GetString(10),
            },
            Person = new Person
            {
                Email = Text(reader, 19) is { } email ? EmailAddress.TryParse(email) : null,
                GivenName = reader.GetString(20),
                FamilyName = reader.GetString(21),
                Phone = reader.GetString(22),
                Company = reader.GetString(23),
            },
        },
        Journey = new JourneyPosition(
            reader.GetGuid(11), (Stage)reader.GetInt16(12), reader.GetFieldValue<DateTimeOffset>(13), reader.GetInt64(14), reader.GetBoolean(15)),
        CreateTime = reader.GetFieldValue<DateTimeOffset>(16),
        UpdateTime = reader.GetFieldValue<DateTimeOffset>(17),
        Version = reader.GetInt64(18),
    };

    /// <summary>Every column of both tables as a parameter of its name.</summary>
    public static void AddLead(this NpgsqlParameterCollection parameters, string tenant, Lead lead)
    {
        var (details, person, profile, journey) = (lead.Details, lead.Details.Person, lead.Details.Profile, lead.Journey);
        parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        parameters.Add(new NpgsqlParameter<Guid>("lead_id", lead.Id));
        parameters.Add(Nullable("external_id", details.ExternalId));
        parameters.Add(new NpgsqlParameter<string>("channel", details.Channel));
        parameters.Add(new NpgsqlParameter<string>("source", details.Source));
        parameters.Add(new NpgsqlParameter<string>("campaign", details.Campaign));
        parameters.Add(new NpgsqlParameter<string>("segment", profile.Segment));
        parameters.Add(new NpgsqlParameter<string>("region_code", profile.RegionCode));
        parameters.Add(new NpgsqlParameter<string>("industry", profile.Industry));
        parameters.Add(new NpgsqlParameter<int>("employee_count", profile.EmployeeCount));
        parameters.Add(new NpgsqlParameter<string>("job_level", profile.JobLevel));
        parameters.Add(new NpgsqlParameter<string>("product", profile.Product));
        parameters.Add(new NpgsqlParameter<Guid>("journey_id", journey.JourneyId));
        parameters.Add(new NpgsqlParameter<short>("stage", (short)journey.Stage));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("stage_time", journey.OccurTime));
        parameters.Add(new NpgsqlParameter<long>("stage_seq", journey.SourceSeq));
        parameters.Add(new NpgsqlParameter<bool>("imported", journey.Imported));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("create_time", lead.CreateTime));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("update_time", lead.UpdateTime));
        parameters.Add(new NpgsqlParameter<long>("version", lead.Version));
        parameters.Add(Nullable("email", person.Email?.Value));
        parameters.Add(new NpgsqlParameter<string>("given_name", person.GivenName));
        parameters.Add(new NpgsqlParameter<string>("family_name", person.FamilyName));
        parameters.Add(new NpgsqlParameter<string>("phone", person.Phone));
        parameters.Add(new NpgsqlParameter<string>("company", person.Company));
    }

    static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    static NpgsqlParameter Nullable(string name, string? value) => new(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value };
}
