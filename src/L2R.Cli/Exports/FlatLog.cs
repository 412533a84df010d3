using System.Text.Json;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Exports;

/// <summary>One line for each row of the ledger, as CSV or as JSON.</summary>
sealed class FlatLog(Stream stream, bool isJson) : EventLog
{
    static readonly string[] Dimensions = [.. L2R.Ledger.V1.Dimensions.Descriptor.Fields.InDeclarationOrder().Select(field => field.Name)];

    static readonly string[] Columns =
    [
        "transition_id", "lead_id", "journey_id", "opportunity_id", "from_stage", "to_stage", "occurred_at", "recorded_at", "source_seq", "origin", "actor",
        "reason", "policy_version", "score", "amount", "currency", "supersedes", "in_force", .. Dimensions,
    ];

    readonly StreamWriter _writer = new(stream, leaveOpen: true);

    public override void Begin(Timestamp asOf, Timestamp knownAt)
    {
        if (!isJson)
        {
            _writer.Write(Csv.Line(Columns));
        }
    }

    public override void Write(JourneyRow row)
    {
        var values = Values(row, isJson);
        if (!isJson)
        {
            _writer.Write(Csv.Line(values.Select(Csv.Cell)));
            return;
        }
        _writer.Write(JsonSerializer.Serialize(new Dictionary<string, object?>(
            Columns.Zip(values, (name, value) => KeyValuePair.Create(name, value is "" ? null : value)))));
        _writer.Write('\n');
    }

    public override void End() => _writer.Flush();

    public override void Dispose() => _writer.Dispose();

    /// <summary>As <see cref="Columns"/>.</summary>
    static object?[] Values(JourneyRow row, bool isJson)
    {
        var change = row.Change;
        return
        [
            change.TransitionId, Id(change.Lead), Id(change.Journey), Id(change.Opportunity), Name(change.From), Name(change.To),
            AnswerValue.Instant(change.OccurTime), AnswerValue.Instant(row.RecordTime), change.SourceSeq, AnswerValue.EnumName(change.Origin), change.Actor,
            change.Reason, change.PolicyVersion, change.HasScore ? change.Score : null, change.Amount?.ToDecimal(), change.Amount?.CurrencyCode,
            change.Supersedes, row.InForce,
            .. L2R.Ledger.V1.Dimensions.Descriptor.Fields.InDeclarationOrder().Select(field => field.Accessor.GetValue(change.Dimensions ?? new()))
                .Select(value => value is MapField<string, string> custom ? Own(custom, isJson) : value),
        ];
    }

    /// <summary>The tenant's own dimensions as one object, or as its text in one cell.</summary>
    static object? Own(MapField<string, string> custom, bool isJson)
    {
        var sorted = new SortedDictionary<string, string>(custom, StringComparer.Ordinal);
        return custom.Count == 0 ? null : isJson ? sorted : JsonSerializer.Serialize(sorted);
    }

    /// <summary>Without the collection.</summary>
    static string Id(string name) => name[(name.IndexOf('/') + 1)..];
}
