using L2R.Opportunity.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Opportunity.Storage;

/// <summary>Reads and writes a deal's columns: the list is written once, here.</summary>
static class DealRows
{
    /// <summary>In the order that <see cref="Read"/> reads them.</summary>
    public const string Columns = """
        opportunity_id, journey_id, lead_id, display_name, stage, amount, currency_code, expected_close_date, owner, product,
        state, open_time, close_time, close_reason, imported, create_time, update_time, version
        """;

    /// <summary>The same columns as parameters.</summary>
    public const string Values = """
        @opportunity_id, @journey_id, @lead_id, @display_name, @stage, @amount, @currency_code, @expected_close_date, @owner, @product,
        @state, @open_time, @close_time, @close_reason, @imported, @create_time, @update_time, @version
        """;

    public static Deal Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        JourneyId = reader.GetGuid(1),
        LeadId = reader.GetGuid(2),
        Details = new DealDetails
        {
            DisplayName = reader.GetString(3),
            Stage = reader.GetString(4),
            Amount = reader.IsDBNull(5) ? null : reader.GetDecimal(5),
            Currency = reader.IsDBNull(6) ? null : reader.GetString(6),
            ExpectedCloseDate = reader.IsDBNull(7) ? null : reader.GetFieldValue<DateOnly>(7),
            Owner = reader.GetString(8),
            Product = reader.GetString(9),
        },
        State = Enum.Parse<DealState>(reader.GetString(10)),
        OpenTime = reader.GetFieldValue<DateTimeOffset>(11),
        CloseTime = reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12),
        CloseReason = reader.GetString(13),
        Imported = reader.GetBoolean(14),
        CreateTime = reader.GetFieldValue<DateTimeOffset>(15),
        UpdateTime = reader.GetFieldValue<DateTimeOffset>(16),
        Version = reader.GetInt64(17),
    };

    /// <summary>Every column as a parameter of its name.</summary>
    public static void AddDeal(this NpgsqlParameterCollection parameters, string tenant, Deal deal)
    {
        var details = deal.Details;
        parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        parameters.Add(new NpgsqlParameter<Guid>("opportunity_id", deal.Id));
        parameters.Add(new NpgsqlParameter<Guid>("journey_id", deal.JourneyId));
        parameters.Add(new NpgsqlParameter<Guid>("lead_id", deal.LeadId));
        parameters.Add(new NpgsqlParameter<string>("display_name", details.DisplayName));
        parameters.Add(new NpgsqlParameter<string>("stage", details.Stage));
        parameters.AddNullable("amount", NpgsqlDbType.Numeric, details.Amount);
        parameters.AddNullable("currency_code", NpgsqlDbType.Text, details.Currency);
        parameters.AddNullable("expected_close_date", NpgsqlDbType.Date, details.ExpectedCloseDate);
        parameters.Add(new NpgsqlParameter<string>("owner", details.Owner));
        parameters.Add(new NpgsqlParameter<string>("product", details.Product));
        parameters.Add(new NpgsqlParameter<string>("state", deal.State.ToString()));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("open_time", deal.OpenTime));
        parameters.AddNullable("close_time", NpgsqlDbType.TimestampTz, deal.CloseTime);
        parameters.Add(new NpgsqlParameter<string>("close_reason", deal.CloseReason));
        parameters.Add(new NpgsqlParameter<bool>("imported", deal.Imported));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("create_time", deal.CreateTime));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("update_time", deal.UpdateTime));
        parameters.Add(new NpgsqlParameter<long>("version", deal.Version));
    }

    public static void AddNullable(this NpgsqlParameterCollection parameters, string name, NpgsqlDbType type, object? value) =>
        parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
}
