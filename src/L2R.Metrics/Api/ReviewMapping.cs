using Google.Protobuf.WellKnownTypes;
using L2R.ServiceDefaults;
using Review = L2R.Metrics.Domain.Review;
using ReviewState = L2R.Metrics.Domain.ReviewState;

namespace L2R.Metrics.Api;

/// <summary>From reviews to the wire.</summary>
static class ReviewMapping
{
    public static string Name(Guid reviewId) => $"reviews/{reviewId:D}";

    public static V1.Review ToProto(Review review, DateTimeOffset now) => new()
    {
        Name = Name(review.Id),
        Trigger = TriggerMapping.Name(review.TriggerId),
        DisplayName = review.DisplayName,
        Owner = review.Owner,
        State = ToProto(review.StateAt(now)),
        OpenTime = review.OpenTime.ToTimestamp(),
        DueDate = review.DueDate.ToProto(),
        Agenda = { review.Agenda.Select(ToProto) },
        Previous = review.Previous is { } previous ? Name(previous) : "",
        Decision = review.Decision?.Text ?? "",
        TradeOff = review.Decision?.TradeOff ?? "",
        NextReviewDate = review.Decision?.NextReviewDate.ToProto(),
        CloseTime = review.Decision?.Time.ToTimestamp(),
        Closer = review.Decision?.Actor ?? "",
        Etag = Etag.Write(review.Version),
    };

    public static V1.ReviewState ToProto(ReviewState state) => (V1.ReviewState)((int)state + 1);

    public static V1.AgendaItem ToProto(Domain.AgendaItem item) => new()
    {
        ItemTime = item.Time.ToTimestamp(),
        Sentence = item.Sentence,
        Reading = item.Reading is { } reading ? ReadingMapping.ToProto(reading) : null,
    };

    /// <summary>What <see cref="ToProto(Domain.AgendaItem)"/> wrote.</summary>
    public static Domain.AgendaItem ToItem(V1.AgendaItem item) =>
        new(item.ItemTime.ToDateTimeOffset(), item.Sentence, item.Reading is { } reading ? ReadingMapping.ToReading(reading) : null);
}
