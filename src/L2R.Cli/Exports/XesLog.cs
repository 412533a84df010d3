using System.Globalization;
using System.Text;
using System.Xml;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Exports;

/// <summary>The log as XES (IEEE 1849-2023): a trace for each journey, an event for each entry of a stage or an exit.</summary>
sealed class XesLog(Stream stream) : EventLog
{
    static readonly (string Name, string Prefix)[] Extensions =
    [
        ("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Cost", "cost"), ("Identity", "identity"),
    ];

    // As the journey's first row has them. The others are of each row.
    static readonly string[] OfJourney = ["channel", "source", "campaign", "motion"];

    readonly XmlWriter _xml = XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(false), Indent = true, CheckCharacters = false });
    string? _journey;

    public override void Begin(Timestamp asOf, Timestamp knownAt)
    {
        _xml.WriteStartDocument();
        _xml.WriteStartElement("log", "http://www.xes-standard.org/");
        _xml.WriteAttributeString("xes.version", "1849-2023");
        _xml.WriteAttributeString("xes.features", "");
        foreach (var (name, prefix) in Extensions)
        {
            _xml.WriteStartElement("extension");
            _xml.WriteAttributeString("name", name);
            _xml.WriteAttributeString("prefix", prefix);
            _xml.WriteAttributeString("uri", $"http://www.xes-standard.org/{prefix}.xesext");
            _xml.WriteEndElement();
        }
        Global("trace", () => Attribute("string", "concept:name", "unknown"));
        Global("event", () =>
        {
            Attribute("string", "concept:name", "unknown");
            Attribute("string", "lifecycle:transition", "complete");
            Attribute("date", "time:timestamp", "1970-01-01T00:00:00Z");
        });
        _xml.WriteStartElement("classifier");
        _xml.WriteAttributeString("name", "Stage");
        _xml.WriteAttributeString("scope", "event");
        _xml.WriteAttributeString("keys", "concept:name");
        _xml.WriteEndElement();
        Attribute("string", "concept:name", "L2R journeys");
        Attribute("string", "lifecycle:model", "standard");
        Attribute("date", "as_of", AnswerValue.Instant(asOf));
        Attribute("date", "known_at", AnswerValue.Instant(knownAt));
    }

    public override void Write(JourneyRow row)
    {
        var change = row.Change;
        if (change.Journey != _journey)
        {
            EndTrace();
            _journey = change.Journey;
            _xml.WriteStartElement("trace");
            Attribute("string", "concept:name", change.Journey);
            Attribute("string", "lead", change.Lead);
            Write(change.Dimensions, ofJourney: true);
        }
        _xml.WriteStartElement("event");
        Attribute("string", "concept:name", Name(change.To)!);
        Attribute("string", "lifecycle:transition", "complete");
        Attribute("date", "time:timestamp", AnswerValue.Instant(change.OccurTime));
        Attribute("id", "identity:id", change.TransitionId);
        Attribute("string", "org:resource", change.Actor);
        if (change.Opportunity.Length > 0)
        {
            Attribute("string", "concept:instance", change.Opportunity);
        }
        if (change.Dimensions?.Team is { Length: > 0 } team)
        {
            Attribute("string", "org:group", team);
        }
        if (change.Amount is { } amount)
        {
            Attribute("float", "cost:total", amount.ToDecimal().ToString(CultureInfo.InvariantCulture));
            Attribute("string", "cost:currency", amount.CurrencyCode);
        }
        if (change.HasScore)
        {
            Attribute("float", "score", change.Score.ToString("R", CultureInfo.InvariantCulture));
        }
        Attribute("string", "origin", AnswerValue.EnumName(change.Origin)!);
        if (change.PolicyVersion.Length > 0)
        {
            Attribute("string", "policy_version", change.PolicyVersion);
        }
        Write(change.Dimensions, ofJourney: false);
        _xml.WriteEndElement();
    }

    public override void End()
    {
        EndTrace();
        _xml.WriteEndDocument();
        _xml.Flush();
    }

    public override void Dispose() => _xml.Dispose();

    void EndTrace()
    {
        if (_journey is not null)
        {
            _xml.WriteEndElement();
        }
    }

    void Write(L2R.Ledger.V1.Dimensions? dimensions, bool ofJourney)
    {
        foreach (var (name, value) in Known(dimensions).Where(known => OfJourney.Contains(known.Name) == ofJourney))
        {
            Attribute("string", name, value);
        }
    }

    void Global(string scope, Action attributes)
    {
        _xml.WriteStartElement("global");
        _xml.WriteAttributeString("scope", scope);
        attributes();
        _xml.WriteEndElement();
    }

    void Attribute(string type, string key, string value)
    {
        _xml.WriteStartElement(type);
        _xml.WriteAttributeString("key", key);
        _xml.WriteAttributeString("value", XmlText.Of(value));
        _xml.WriteEndElement();
    }
}
