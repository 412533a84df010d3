using System.Text.Json;
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
        p.email, coalesce(p.given_name, '') given_name, coalesce(p.family_name, '') family_name, coalesce(p.phone, '') phone, coalesce(p.company, '') company,
        l.exit_from, l.merge_id, l.merged_into, l.custom
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
            Custom = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(27))!,
        },
        Journey = new JourneyPosition(
            reader.GetGuid(11), (Stage)reader.GetInt16(12), reader.GetFieldValue<DateTimeOffset>(13), reader.GetInt64(14), reader.GetBoolean(15))
        {
            ExitFrom = StageOrNull(reader, 24),
        },
        CreateTime = reader.GetFieldValue<DateTimeOffset>(16),
        UpdateTime = reader.GetFieldValue<DateTimeOffset>(17),
        Version = reader.GetInt64(18),
        Merge = reader.IsDBNull(25) ? null : new LeadMerge(reader.GetGuid(25), reader.GetGuid(26)),
    };

    /// <summary>Leads with every column of both tables, from the parameters of <see cref="AddLeads"/>.</summary>
    public const string Given = """
        SELECT *
        FROM unnest(@lead_id, @external_id, @channel, @source, @campaign, @segment, @region_code, @industry, @employee_count, @job_level,
                @product, @journey_id, @stage, @stage_time, @stage_seq, @imported, @create_time, @update_time, @version,
                @email, @given_name, @family_name, @phone, @company, @exit_from, @custom)
            AS given (lead_id, external_id, channel, source, campaign, segment, region_code, industry, employee_count, job_level,
                product, journey_id, stage, stage_time, stage_seq, imported, create_time, update_time, version,
                email, given_name, family_name, phone, company, exit_from, custom)
        """;

    /// <summary>Every column of both tables as a parameter of its name: an array with one element per lead.</summary>
    public static void AddLeads(this NpgsqlParameterCollection parameters, string tenant, IReadOnlyList<Lead> leads)
    {
        parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        Add("lead_id", lead => lead.Id);
        Add("external_id", lead => lead.Details.ExternalId);
        Add("channel", lead => lead.Details.Channel);
        Add("source", lead => lead.Details.Source);
        Add("campaign", lead => lead.Details.Campaign);
        Add("segment", lead => lead.Details.Profile.Segment);
        Add("region_code", lead => lead.Details.Profile.RegionCode);
        Add("industry", lead => lead.Details.Profile.Industry);
        Add("employee_count", lead => lead.Details.Profile.EmployeeCount);
        Add("job_level", lead => lead.Details.Profile.JobLevel);
        Add("product", lead => lead.Details.Profile.Product);
        Add("journey_id", lead => lead.Journey.JourneyId);
        Add("stage", lead => (short)lead.Journey.Stage);
        Add("stage_time", lead => lead.Journey.OccurTime);
        Add("stage_seq", lead => lead.Journey.SourceSeq);
        Add("imported", lead => lead.Journey.Imported);
        Add("create_time", lead => lead.CreateTime);
        Add("update_time", lead => lead.UpdateTime);
        Add("version", lead => lead.Version);
        Add("email", lead => lead.Details.Person.Email?.Value);
        Add("given_name", lead => lead.Details.Person.GivenName);
        Add("family_name", lead => lead.Details.Person.FamilyName);
        Add("phone", lead => lead.Details.Person.Phone);
        Add("company", lead => lead.Details.Person.Company);
        Add("exit_from", lead => (short?)lead.Journey.ExitFrom);
        parameters.Add(new NpgsqlParameter("custom", NpgsqlDbType.Array | NpgsqlDbType.Jsonb)
        {
            Value = leads.Select(lead => Json(lead.Details.Custom)).ToArray(),
        });

        void Add<T>(string name, Func<Lead, T> column) => parameters.Add(new NpgsqlParameter<T[]>(name, [.. leads.Select(column)]));
    }

    /// <summary>The tenant's own dimensions, as their column keeps them.</summary>
    public static string Json(IEnumerable<KeyValuePair<string, string>> custom) => JsonSerializer.Serialize(custom.ToDictionary());

    public static Stage? StageOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : (Stage)reader.GetInt16(column);

    static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
