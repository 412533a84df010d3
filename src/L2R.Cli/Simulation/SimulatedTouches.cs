using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.Type.V1;

namespace L2R.Cli.Simulation;

/// <summary>The touches of simulated journeys as rows of history.</summary>
/// <remarks>A journey with a late row has a late touch too, and one with a wrong row a wrong touch: nothing more needs to be drawn.</remarks>
sealed class SimulatedTouches(SimulationOptions options)
{
    /// <summary>The columns of the touches' map <c>plain</c>, which has none for engagement.</summary>
    public const string Header = "lead,occurred_at,kind,channel,campaign,cost,currency";

    const string Kind = "page-view";

    readonly Generator _generator = new(options);
    long _line;

    /// <summary>What touched the lead on a journey, as it was.</summary>
    public IReadOnlyList<Touch> Of(SimulatedJourney journey) => _generator.TouchesOf(journey, options.Until);

    /// <summary>As they are told at first: the last one of a late journey is missing, the first one of a wrong one says neither channel nor cost.</summary>
    public IEnumerable<ImportedTouchpoint> FirstTold(SimulatedJourney journey)
    {
        var touches = Whole(journey).ToList();
        if (journey.Wrong is not null)
        {
            (touches[0].Channel, touches[0].Campaign, touches[0].Cost) = ("", "", null);
        }
        return journey.Late is null ? touches : touches.SkipLast(1);
    }

    /// <summary>As they were.</summary>
    public IEnumerable<ImportedTouchpoint> Whole(SimulatedJourney journey) => Of(journey).Select((touch, index) => new ImportedTouchpoint
    {
        Line = ++_line,
        SourceKey = SimulatedRows.JourneyKey(journey),
        SourceSeq = index,
        LeadKey = SimulatedRows.LeadKey(journey),
        Kind = Kind,
        OccurTime = touch.At.ToTimestamp(),
        Channel = touch.Channel,
        Campaign = touch.Campaign,
        Engagement = true,
        Cost = touch.Cost > 0 ? touch.Cost.ToMoney("EUR") : null,
    });

    /// <summary>As they were, as CSV lines that <c>./l2r import --touchpoints</c> takes. No cell needs quotes.</summary>
    public IEnumerable<string> ToCsv(SimulatedJourney journey) => Of(journey).Select(touch => string.Create(
        CultureInfo.InvariantCulture,
        $"{SimulatedRows.LeadKey(journey)},{touch.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},{Kind},{touch.Channel},{touch.Campaign},{(touch.Cost > 0 ? $"{touch.Cost},EUR" : ",")}"));
}
