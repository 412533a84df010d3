using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Exports;

/// <summary>
/// The log as OCEL 2.0 JSON: leads, their journeys and the journeys' opportunities as objects, an event for each row, of a type for each stage and exit.
/// </summary>
/// <param name="stream">Of the log.</param>
/// <param name="objects">Of the objects until the end: the file has them and the events after each other, and rows tell of both.</param>
sealed class OcelLog(Stream stream, Stream objects) : EventLog
{
    // Of what an attribute has always been.
    const string Ever = "1970-01-01T00:00:00Z";

    static readonly string[] OfJourney = ["channel", "source", "campaign", "motion"];

    static readonly (string Name, string Type)[] OfEvent =
    [
        ("actor", "string"), ("origin", "string"), ("policy_version", "string"), ("score", "float"), ("amount", "float"), ("currency", "string"),
        ("segment", "string"), ("region", "string"), ("owner", "string"), ("team", "string"), ("product", "string"),
    ];

    readonly Utf8JsonWriter _events = new(stream);
    readonly Utf8JsonWriter _objects = new(objects);
    readonly Dictionary<string, List<JourneyRow>> _opportunities = [];
    readonly SortedSet<string> _custom = new(StringComparer.Ordinal);
    string? _lead;
    string? _journey;

    public override void Begin(Timestamp asOf, Timestamp knownAt)
    {
        _events.WriteStartObject();
        _events.WriteStartArray("events");
        _objects.WriteStartArray();
    }

    public override void Write(JourneyRow row)
    {
        var change = row.Change;
        if (change.Journey != _journey)
        {
            EndJourney();
            _journey = change.Journey;
            if (change.Lead != _lead)
            {
                _lead = change.Lead;
                Object(change.Lead, "lead", [], []);
            }
            Object(
                change.Journey,
                "journey",
                Known(change.Dimensions).Where(known => OfJourney.Contains(known.Name)).Select(known => (known.Name, Ever, known.Value)),
                [(change.Lead, "pass of the lead")]);
        }
        if (change.Opportunity.Length > 0)
        {
            if (!_opportunities.TryGetValue(change.Opportunity, out var rows))
            {
                _opportunities.Add(change.Opportunity, rows = []);
            }
            rows.Add(row);
        }
        Event(row);
        if (_events.BytesPending > 1 << 16)
        {
            _events.Flush();
            _objects.Flush();
        }
    }

    public override void End()
    {
        EndJourney();
        _objects.WriteEndArray();
        _objects.Flush();
        _events.WriteEndArray();
        // After the events: only they tell which dimensions of the tenant's own there are.
        Types("objectTypes",
        [
            ("lead", []),
            ("journey", OfJourney.Select(name => (name, "string"))),
            ("opportunity", [("amount", "float"), ("currency", "string")]),
        ]);
        var ofEvent = OfEvent.Concat(_custom.Select(name => (name, "string"))).ToList();
        Types("eventTypes", Stages.All.Select(stage => (stage.Name(), ofEvent.AsEnumerable())));
        _events.WritePropertyName("objects");
        _events.Flush();
        // The writer takes a value only whole; this one may not fit into memory.
        objects.Position = 0;
        objects.CopyTo(stream);
        stream.Write("}"u8);
    }

    public override void Dispose()
    {
        _events.Dispose();
        _objects.Dispose();
    }

    void EndJourney()
    {
        foreach (var (name, rows) in _opportunities)
        {
            var amounts = rows.Where(row => row.Change.Amount is not null).SelectMany(row => new[]
            {
                ("amount", AnswerValue.Instant(row.Change.OccurTime), row.Change.Amount.ToDecimal().ToString(CultureInfo.InvariantCulture)),
                ("currency", AnswerValue.Instant(row.Change.OccurTime), row.Change.Amount.CurrencyCode),
            });
            Object(name, "opportunity", amounts, [(_journey!, "pursued in the journey")]);
        }
        _opportunities.Clear();
    }

    void Event(JourneyRow row)
    {
        var change = row.Change;
        _events.WriteStartObject();
        _events.WriteString("id", change.TransitionId);
        _events.WriteString("type", Name(change.To));
        _events.WriteString("time", AnswerValue.Instant(change.OccurTime));
        _events.WriteStartArray("attributes");
        var known = Known(change.Dimensions).ToDictionary();
        foreach (var (name, _) in OfEvent)
        {
            var value = name switch
            {
                "actor" => change.Actor,
                "origin" => AnswerValue.EnumName(change.Origin),
                "policy_version" => change.PolicyVersion,
                "score" => change.HasScore ? change.Score.ToString("R", CultureInfo.InvariantCulture) : null,
                "amount" => change.Amount?.ToDecimal().ToString(CultureInfo.InvariantCulture),
                "currency" => change.Amount?.CurrencyCode,
                _ => known.GetValueOrDefault(name),
            };
            if (!string.IsNullOrEmpty(value))
            {
                Attribute(name, value);
            }
        }
        foreach (var (name, value) in known.Where(value => value.Key.StartsWith(ImportMap.CustomPrefix, StringComparison.Ordinal)))
        {
            _custom.Add(name);
            Attribute(name, value);
        }
        _events.WriteEndArray();
        Relationships(_events, [(change.Lead, "lead"), (change.Journey, "journey"), .. change.Opportunity.Length > 0 ? new[] { (change.Opportunity, "opportunity") } : []]);
        _events.WriteEndObject();
    }

    void Attribute(string name, string value)
    {
        _events.WriteStartObject();
        _events.WriteString("name", name);
        _events.WriteString("value", value);
        _events.WriteEndObject();
    }

    void Object(string id, string type, IEnumerable<(string Name, string Time, string Value)> attributes, IEnumerable<(string Id, string Qualifier)> related)
    {
        _objects.WriteStartObject();
        _objects.WriteString("id", id);
        _objects.WriteString("type", type);
        _objects.WriteStartArray("attributes");
        foreach (var (name, time, value) in attributes)
        {
            _objects.WriteStartObject();
            _objects.WriteString("name", name);
            _objects.WriteString("time", time);
            _objects.WriteString("value", value);
            _objects.WriteEndObject();
        }
        _objects.WriteEndArray();
        Relationships(_objects, related);
        _objects.WriteEndObject();
    }

    static void Relationships(Utf8JsonWriter writer, IEnumerable<(string Id, string Qualifier)> related)
    {
        writer.WriteStartArray("relationships");
        foreach (var (id, qualifier) in related)
        {
            writer.WriteStartObject();
            writer.WriteString("objectId", id);
            writer.WriteString("qualifier", qualifier);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    void Types(string name, IEnumerable<(string Name, IEnumerable<(string Name, string Type)> Attributes)> types)
    {
        _events.WriteStartArray(name);
        foreach (var type in types)
        {
            _events.WriteStartObject();
            _events.WriteString("name", type.Name);
            _events.WriteStartArray("attributes");
            foreach (var attribute in type.Attributes)
            {
                _events.WriteStartObject();
                _events.WriteString("name", attribute.Name);
                _events.WriteString("type", attribute.Type);
                _events.WriteEndObject();
            }
            _events.WriteEndArray();
            _events.WriteEndObject();
        }
        _events.WriteEndArray();
    }
}
