using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Ledger.V1;
using L2R.Metrics.V1;

namespace L2R.Cli.Exports;

/// <summary>Writes rows of the ledger as they come: those of a lead beside each other, and so those of a journey.</summary>
abstract class EventLog : IDisposable
{
    /// <summary>What comes before the first row.</summary>
    /// <param name="asOf">The instant that the rows are of.</param>
    /// <param name="knownAt">The ledger as it was known then.</param>
    public abstract void Begin(Timestamp asOf, Timestamp knownAt);

    public abstract void Write(JourneyRow row);

    /// <summary>What comes after the last row; everything is with the stream then.</summary>
    public abstract void End();

    public abstract void Dispose();

    /// <summary>MQL; null where there is none.</summary>
    protected static string? Name(Stage stage) => stage == Stage.Unspecified ? null : AnswerValue.EnumName(stage);

    /// <summary>What is known of the journey at a row, without what is not; by name, the tenant's own as <c>custom.NAME</c>.</summary>
    protected static IEnumerable<(string Name, string Value)> Known(Dimensions? dimensions) =>
        dimensions is null ? [] : Dimensions.Descriptor.Fields.InDeclarationOrder()
            .Where(field => !field.IsMap)
            .Select(field => (field.Name, (string)field.Accessor.GetValue(dimensions)))
            .Where(known => known.Item2.Length > 0)
            .Concat(dimensions.Custom
                .OrderBy(own => own.Key, StringComparer.Ordinal)
                .Select(own => (ImportMap.CustomPrefix + own.Key, own.Value)));
}
