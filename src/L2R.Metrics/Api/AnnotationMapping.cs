using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Storage;

namespace L2R.Metrics.Api;

/// <summary>From what people did to the wire.</summary>
static class AnnotationMapping
{
    public static V1.Annotation ToProto(Annotation row) => new()
    {
        EventTime = row.Time.ToTimestamp(),
        Kind = row.ReviewId is null ? V1.AnnotationKind.PolicyActivated : V1.AnnotationKind.Decision,
        Resource = row.ReviewId is { } reviewId ? ReviewMapping.Name(reviewId) : row.Policy,
        DisplayName = row.DisplayName,
        Text = row.Text,
        TradeOff = row.TradeOff,
        Actor = row.Actor,
    };
}
