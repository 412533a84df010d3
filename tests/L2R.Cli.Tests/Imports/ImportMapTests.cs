using L2R.Cli.Imports;

namespace L2R.Cli.Tests.Imports;

public sealed class ImportMapTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Every_map_that_ships_can_be_used() =>
        Assert.Equal(["loans", "plain"], ImportMap.Shipped.Select(name => ImportMap.Find(name).Source));

    [Fact]
    public void Says_which_maps_ship_when_there_is_none_of_that_name() =>
        Assert.Equal("There is no map 'loan'. These ship with L2R: loans, plain; a path to a mapping file works too.", Fails("loan"));

    [Theory]
    [InlineData("{\n\"source\": crm }", "line 2 is no JSON: 'c' is an invalid start of a value.")]
    [InlineData("[]", "it is a JSON object, { \"source\": …, \"columns\": … }.")]
    [InlineData("""{ "columns": {} }""", "it lacks 'source'.")]
    [InlineData("""{ "source": "crm", "colums": {} }""", "'colums' is none of the keys description, source, delimiter, columns, constants, prefixes, stages.")]
    [InlineData("""{ "source": 7, "columns": {} }""", "'source' is a text.")]
    [InlineData("""{ "source": "crm", "columns": [] }""", "'columns' is an object, { \"name\": \"value\", … }.")]
    [InlineData("""{ "source": "crm", "columns": { "stage": null } }""", "'stage' in 'columns' is a text.")]
    [InlineData(
        """{ "source": "Crm EU", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t" } }""",
        "'source' is in kebab case such as crm-eu, at most 63 characters; not 'Crm EU'.")]
    [InlineData("""{ "source": "crm", "columns": { "lead_key": "id", "stage": "s" } }""", "'columns' lacks 'occurred_at'.")]
    [InlineData(
        """{ "source": "crm", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t", "colour": "c" } }""",
        "'colour' is none of the fields lead_key, journey_key, opportunity_key, source_seq, stage, occurred_at, actor, reason, amount, currency, channel, source, campaign, segment, region, owner, team, product, motion, or custom.NAME with a name in kebab case.")]
    [InlineData(
        """{ "source": "crm", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t" }, "stages": { "Open": "LED" } }""",
        "'LED' is none of the stages LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON, DISQUALIFIED, REJECTED, RECYCLED, CLOSED_LOST.")]
    [InlineData(
        """{ "source": "crm", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t", "amount": "a" } }""",
        "an 'amount' needs a 'currency', as a column or a constant.")]
    [InlineData(
        """{ "source": "crm", "delimiter": "||", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t" } }""",
        "'delimiter' is one ASCII character, not '||'.")]
    public void A_map_that_cannot_be_used_says_why(string json, string problem)
    {
        var path = _temp.Write("map.json", json);

        Assert.Equal($"The map '{path}' cannot be used: {problem} docs/import-maps.md describes maps.", Fails(path));
    }

    [Fact]
    public void A_map_of_ones_own_is_read_from_its_path_with_its_own_names_for_stages()
    {
        var map = ImportMap.Find(_temp.Write("map.json", """
            {
              // sales calls it so
              "source": "crm", "delimiter": ";",
              "columns": { "lead_key": "Id", "stage": "Status", "occurred_at": "When", "region": "Land" },
              "constants": { "channel": "event" },
              "stages": { "Neu": "LEAD", "Gewonnen": "CLOSED_WON" },
            }
            """));

        var row = Assert.IsType<FileLine.Row>(Assert.Single(Lines.Read(map, "Id;Status;When;Land\n7;Gewonnen;2025-01-31T12:00:00+01:00;NL\n")));

        Assert.Equal(
            """{ "line": "2", "sourceKey": "7", "leadKey": "7", "journeyKey": "7", "to": "STAGE_CLOSED_WON", "occurTime": "2025-01-31T11:00:00Z", "dimensions": { "channel": "event", "region": "NL" } }""",
            row.Transition.ToString());
    }

    [Fact]
    public void Columns_and_constants_can_be_dimensions_of_ones_own()
    {
        var map = ImportMap.Find(_temp.Write("map.json", """
            {
              "source": "crm",
              "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t", "custom.plan": "Tariff", "custom.partner": "Via" },
              "constants": { "custom.industry": "retail" },
              "prefixes": { "custom.plan": "plan-" },
            }
            """));

        var row = Assert.IsType<FileLine.Row>(Assert.Single(Lines.Read(map, "id,s,t,Tariff,Via\n7,LEAD,2025-01-31T12:00:00Z,pro,\n")));

        Assert.Equal("""{ "custom": { "plan": "plan-pro", "industry": "retail" } }""", row.Transition.Dimensions.ToString());
    }

    [Theory]
    [InlineData("custom.Plan")]
    [InlineData("custom.channel")]
    [InlineData("custom.")]
    public void The_name_of_ones_own_dimension_is_in_kebab_case_and_not_taken(string field) =>
        Assert.Contains(
            $"'{field}' is none of the fields",
            Fails(_temp.Write("map.json", $$"""{ "source": "crm", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t", "{{field}}": "c" } }""")),
            StringComparison.Ordinal);

    [Fact]
    public void A_map_has_at_most_sixteen_dimensions_of_ones_own()
    {
        var own = string.Join(", ", Enumerable.Range(1, 17).Select(number => $"\"custom.d{number}\": \"c{number}\""));

        Assert.Contains(
            "it has 17 dimensions of your own (custom.NAME), at most 16 are taken.",
            Fails(_temp.Write("map.json", $$"""{ "source": "crm", "columns": { "lead_key": "id", "stage": "s", "occurred_at": "t", {{own}} } }""")),
            StringComparison.Ordinal);
    }

    static string Fails(string name) => Assert.Throws<CommandFailedException>(() => ImportMap.Find(name)).Message;
}
