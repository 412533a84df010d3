using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Type.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Simulation;

/// <summary>Simulated journeys as rows of history, to be sent or written to a file.</summary>
/// <param name="source">Of the simulation; the journeys' dimension <c>source</c>, by which the waterfall finds them again.</param>
sealed class SimulatedRows(string source)
{
    /// <summary>The columns of the map <c>plain</c>.</summary>
    public const string Header = "lead,journey,source_seq,stage,occurred_at,actor,reason,amount,channel,campaign,segment,owner";

    long _line;

    public long LinesSoFar => _line;

    /// <summary>The journey as it is told at first: without its late row, and with the wrong one.</summary>
    public IEnumerable<FileLine.Row> FirstTold(SimulatedJourney journey) =>
        journey.Rows.Index().Where(row => row.Index != journey.Late).Select(row => ToLine(journey, row.Index, journey.FirstTold(row.Index)));

    /// <summary>The journey as it was.</summary>
    public IEnumerable<FileLine.Row> Whole(SimulatedJourney journey) => journey.Rows.Index().Select(row => ToLine(journey, row.Index, row.Item));

    /// <summary>The journey as it was, as CSV lines that <c>./l2r import --map plain</c> takes. No cell needs quotes.</summary>
    public static IEnumerable<string> ToCsv(SimulatedJourney journey) => journey.Rows.Index().Select(row => string.Create(
        CultureInfo.InvariantCulture,
        $"{LeadKey(journey)},{JourneyKey(journey)},{row.Index},{Ledger.Domain.Stages.Name(row.Item.To)},{row.Item.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},"
            + $"{Actor(row.Item)},{row.Item.Reason},{row.Item.Amount},{journey.Channel.Name},{journey.Campaign},{journey.Segment.Name},{row.Item.Rep}"));

    public static string LeadKey(SimulatedJourney journey) => string.Create(CultureInfo.InvariantCulture, $"lead-{journey.Lead:D7}");

    public static string JourneyKey(SimulatedJourney journey) => string.Create(CultureInfo.InvariantCulture, $"lead-{journey.Lead:D7}-{journey.Number}");

    static string Actor(SimulatedRow row) => row.Rep ?? "marketing";

    FileLine.Row ToLine(SimulatedJourney journey, int sequence, SimulatedRow row)
    {
        var key = JourneyKey(journey);
        var isDeal = row.To is Stage.Opportunity or Stage.ClosedWon or Stage.ClosedLost;
        _line++;
        return new FileLine.Row(_line, key, row.To, new ImportedTransition
        {
            Line = _line,
            SourceKey = key,
            SourceSeq = sequence,
            LeadKey = LeadKey(journey),
            JourneyKey = key,
            OpportunityKey = isDeal ? $"{key}-{journey.Rows.Take(sequence + 1).Count(before => before.To == Stage.Opportunity)}" : "",
            To = row.To.ToProto(),
            OccurTime = row.At.ToTimestamp(),
            Actor = $"source-user:{Actor(row)}",
            Reason = row.Reason,
            Amount = row.Amount?.ToMoney("EUR"),
            Dimensions = new Dimensions
            {
                Channel = journey.Channel.Name,
                Source = source,
                Campaign = journey.Campaign,
                Segment = journey.Segment.Name,
                Owner = row.Rep ?? "",
                Motion = "new",
            },
        });
    }
}
