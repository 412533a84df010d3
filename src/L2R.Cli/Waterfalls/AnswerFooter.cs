using Google.Protobuf.WellKnownTypes;

namespace L2R.Cli.Waterfalls;

/// <summary>What every answer ends with: asked again with both instants, it is the same.</summary>
static class AnswerFooter
{
    public static string Of(Timestamp asOf, Timestamp knownAt) => $"As of {Figure.Instant(asOf)}, as known at {Figure.Instant(knownAt)}";
}
