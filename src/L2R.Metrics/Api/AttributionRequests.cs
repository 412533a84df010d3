using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using AttributionKey = L2R.Metrics.V1.AttributionKey;
using AttributionModel = L2R.Metrics.V1.AttributionModel;

namespace L2R.Metrics.Api;

/// <summary>Reads a question to attribution; adds every rule that it breaks.</summary>
static class AttributionRequests
{
    /// <param name="now">What as_of and known_at are when they aren't given.</param>
    /// <returns>Of use where there is no problem.</returns>
    public static AttributionQuery Read(GetAttributionRequest request, DateTimeOffset now, List<FieldProblem> problems)
    {
        var (from, to) = (
            WaterfallRequests.Instant(request.StartTime, "start_time", problems),
            WaterfallRequests.Instant(request.EndTime, "end_time", problems));
        if (from >= to)
        {
            problems.Add(new("end_time", "must be after start_time"));
        }
        WaterfallRequests.Defined(request.CreditTo, "credit_to", problems);
        foreach (var (index, model) in request.Models.Index())
        {
            if (model == AttributionModel.Unspecified || !System.Enum.IsDefined(model))
            {
                problems.Add(new($"models[{index}]", "must be a model that this version knows"));
            }
        }
        WaterfallRequests.Once("models", request.Models, problems);

        var query = new AttributionQuery
        {
            AsOf = WaterfallRequests.Past(request.AsOf, "as_of", now, problems),
            KnownAt = WaterfallRequests.Known(request.KnownAt, "known_at", now, problems),
            From = from,
            To = to,
            By = request.CreditTo == AttributionKey.Campaign ? Domain.AttributionKey.Campaign : Domain.AttributionKey.Channel,
            Models = request.Models.Count == 0
                ? System.Enum.GetValues<Domain.AttributionModel>()
                : [.. request.Models.Select(model => (Domain.AttributionModel)((int)model - 1))],
        };
        return query with
        {
            Lookback = Span(request.Lookback, "lookback", problems) ?? query.Lookback,
            HalfLife = Span(request.HalfLife, "half_life", problems) ?? query.HalfLife,
        };
    }

    static TimeSpan? Span(Duration? duration, string field, List<FieldProblem> problems) =>
        duration is null ? null : WaterfallRequests.Span(duration, field, TimeSpan.FromTicks(1), problems);
}
