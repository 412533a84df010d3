using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Pipelines;
using L2R.Type.V1;

namespace L2R.Metrics.Api;

/// <summary>From handoff and pipeline to the wire.</summary>
static class PipelineMapping
{
    public static V1.Pipeline ToProto(PipelineAnswer answer, PipelineQuery query, ReportingSettings settings, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeyCount,
        ResponseSla = query.ResponseSla?.ToDuration(),
        Rows =
        {
            answer.Rows.Select(row => new V1.PipelineRow
            {
                Period = WaterfallMapping.ToProto(row.Key.Period),
                Dimensions = { Values(row.Key, query) },
                Handoff = ToProto(row.Handoff),
                Opened = ToProto(row.Opened, query.Currency),
                Closed = new()
                {
                    ClosedWinRateByCount = WaterfallMapping.ToProto(row.Closed.ByCount),
                    ClosedWinRateByAmount = ToProto(row.Closed.ByAmount, query.Currency),
                    WithoutOpeningCount = row.Closed.WithoutOpening,
                },
            }),
        },
        OpenPipelines = { answer.Open.Select(open => ToProto(open, query)) },
    };

    static IEnumerable<V1.DimensionValue> Values(GroupKey key, PipelineQuery query) => query.GroupBy.Zip([key.First, key.Second], WaterfallMapping.ToProto);

    static V1.HandoffFigures ToProto(HandoffFigures handoff) => new()
    {
        CohortCount = handoff.Cohort,
        StartedAboveCount = handoff.StartedAbove,
        AcceptRate = WaterfallMapping.ToProto(handoff.Accepted),
        UndecidedCount = handoff.Undecided,
        ResponseTime = VelocityMapping.ToProto(handoff.Response),
        ResponseInferredCount = handoff.Inferred,
        SlaAttainment = handoff.Sla is not { } sla ? null : new()
        {
            AttainmentRate = WaterfallMapping.ToProto(sla.Attained),
            NotYetDueCount = sla.NotYetDue,
            EndedCount = sla.Ended,
            InferredCount = sla.Inferred,
        },
    };

    static V1.OpenedOpportunities ToProto(OpenedOpportunities opened, string currency)
    {
        var proto = new V1.OpenedOpportunities
        {
            CohortWinRateByCount = WaterfallMapping.ToProto(opened.ByCount),
            CohortWinRateByAmount = ToProto(opened.ByAmount, currency),
            LostCount = opened.Lost,
            OpenCount = opened.Open,
            EndedCount = opened.Ended,
            ReplacedCount = opened.Replaced,
        };
        if (opened.OpenShare is { } share)
        {
            proto.OpenRatio = share;
        }
        return proto;
    }

    static V1.AmountRate ToProto(AmountRate rate, string currency)
    {
        var proto = new V1.AmountRate
        {
            WonAmount = rate.Won.ToMoney(currency),
            TotalAmount = rate.Total.ToMoney(currency),
            NoValueReason = rate.Missing,
            WithoutAmountCount = rate.WithoutAmount,
            LeftOutAmounts = { Amounts(rate.LeftOut) },
        };
        if (rate.Value is { } value)
        {
            proto.Ratio = value;
        }
        return proto;
    }

    static V1.OpenPipeline ToProto(OpenPipeline open, PipelineQuery query)
    {
        var (weighted, velocity) = (open.Weighted, open.Velocity);
        var proto = new V1.OpenPipeline
        {
            Dimensions = { Values(open.Key, query) },
            OpenCount = open.Count,
            OpenAmount = open.Amount.ToMoney(query.Currency),
            WithoutAmountCount = open.WithoutAmount,
            LeftOutAmounts = { Amounts(open.LeftOut) },
            WeightedPipeline = new()
            {
                Source = weighted.IsLearnt ? V1.WinProbabilitySource.Learnt : V1.WinProbabilitySource.Policy,
                ClosedCount = weighted.Closed,
                WeightedAmount = weighted.Amount?.ToMoney(query.Currency),
                NoValueReason = weighted.Missing ?? "",
            },
            SalesVelocity = new()
            {
                OpenCount = velocity.Open,
                ClosedWinRateByCount = WaterfallMapping.ToProto(velocity.WinRate),
                PricedWinCount = velocity.Priced,
                AverageWonAmount = velocity.AverageWon?.ToMoney(query.Currency),
                TimedWinCount = velocity.Timed,
                MeanCycle = velocity.MeanCycle?.ToDuration(),
                AmountPerDay = velocity.PerDay?.ToMoney(query.Currency),
                NoValueReason = velocity.Missing ?? "",
            },
        };
        if (weighted.Probability is { } probability)
        {
            proto.WeightedPipeline.WinProbability = probability;
        }
        return proto;
    }

    static IEnumerable<Money> Amounts(IReadOnlyDictionary<string, decimal> amounts) => amounts.Select(amount => amount.Value.ToMoney(amount.Key));
}
