using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>What every answer ends with: asked again with both instants, it is the same.</summary>
static class AnswerFooter
{
    /// <summary>Where the answer has a line of quality, that line.</summary>
    public static IEnumerable<string> Of(Timestamp asOf, Timestamp knownAt, Quality? quality) =>
        [.. quality is null ? Array.Empty<string>() : [WaterfallTable.QualityLine(quality)], Of(asOf, knownAt)];

    /// <summary>How many journeys are in no figure, where there are any.</summary>
    public static IEnumerable<string> OutOfScope(IMessage answer)
    {
        if (answer.Descriptor.FindFieldByName("out_of_scope_count")?.Accessor.GetValue(answer) is long count and > 0)
        {
            yield return $"{Words.Counted(count, "journey")} out of scope, in no figure: ./l2r settings";
        }
    }

    public static string Of(Timestamp asOf, Timestamp knownAt) => $"As of {Figure.Instant(asOf)}, as known at {Figure.Instant(knownAt)}";
}
