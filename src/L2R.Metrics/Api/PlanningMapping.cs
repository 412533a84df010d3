using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Planning;
using L2R.Type.V1;
using GoalPlan = L2R.Metrics.Domain.Planning.GoalPlan;
using StageOutlook = L2R.Metrics.Domain.Planning.StageOutlook;
using StagePlan = L2R.Metrics.Domain.Planning.StagePlan;
using TargetSuggestion = L2R.Metrics.Domain.Planning.TargetSuggestion;

namespace L2R.Metrics.Api;

/// <summary>From suggestions, plans and outlooks to the wire.</summary>
static class PlanningMapping
{
    public static V1.TargetSuggestions ToProto(IReadOnlyList<TargetSuggestion> suggestions, SuggestionQuery query, ReportingSettings settings, long journeys) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        Period = query.Periods.Kind.ToProto(),
        Horizon = query.Horizon.ToDuration(),
        JourneyCount = journeys,
        Suggestions = { suggestions.Select(suggestion => ToProto(suggestion, query)) },
    };

    public static V1.GoalPlan ToProto(GoalPlan plan, PlanQuery query, ReportingSettings settings) => new()
    {
        AsOf = query.Ways.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Ways.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        GoalStartTime = query.From.ToTimestamp(),
        GoalEndTime = query.To.ToTimestamp(),
        Horizon = query.Ways.Horizon.ToDuration(),
        JourneyCount = plan.Journeys,
        WonCount = plan.Won,
        AverageAmount = plan.Average?.ToMoney(query.Ways.Currency),
        Stages = { plan.Stages.Select(ToProto) },
        NoPlanReason = plan.NoPlan ?? "",
        Summary = GoalWords.Summary(plan, query),
    };

    public static V1.Outlook ToProto(OutlookAnswer answer, OutlookQuery query, long journeys)
    {
        var total = new V1.StageOutlook { OpenCount = answer.Open, UnestimatedCount = answer.Unestimated };
        Expect(total, answer.Total, query.Currency);
        return new()
        {
            AsOf = query.Scope.AsOf.ToTimestamp(),
            KnownAt = query.Scope.KnownAt.ToTimestamp(),
            JourneyCount = journeys,
            Ahead = query.Ahead.ToDuration(),
            Stages = { answer.Stages.Select(stage => ToProto(stage, query.Currency)) },
            Total = total,
            WithoutAmountCount = answer.WithoutAmount,
            LeftOutAmounts = { answer.LeftOut.Select(amount => amount.Value.ToMoney(amount.Key)) },
            Summary = answer.Summary(query),
        };
    }

    static V1.TargetSuggestion ToProto(TargetSuggestion suggestion, SuggestionQuery query)
    {
        var proto = new V1.TargetSuggestion
        {
            From = suggestion.Pair.From.ToProto(),
            To = suggestion.Pair.To.ToProto(),
            Segment = suggestion.IsSegment ? WaterfallMapping.ToProto(query.Dimension!, suggestion.Value) : null,
            Measure = ReadingMapping.ToProto(suggestion.Measure),
            PeriodCount = suggestion.Periods,
            Sentence = suggestion.Sentence(query),
        };
        if (suggestion is { Typical: { } typical, Ambitious: { } ambitious })
        {
            (proto.Typical, proto.Ambitious) = (typical, ambitious);
        }
        return proto;
    }

    static V1.StagePlan ToProto(StagePlan stage)
    {
        var proto = new V1.StagePlan
        {
            Stage = stage.Stage.ToProto(),
            Chain = stage.Chain is { } chain ? WaterfallMapping.ToProto(chain) : null,
            MedianToWin = stage.MedianToWin?.ToDuration(),
            Months = { stage.Months.Select(ToProto) },
        };
        if (stage.Needed is { } needed)
        {
            proto.NeededCount = needed;
        }
        if (stage.Reached is { } reached)
        {
            proto.ReachedCount = reached;
        }
        return proto;
    }

    static V1.MonthPlan ToProto(MonthPlan month)
    {
        var proto = new V1.MonthPlan
        {
            Month = WaterfallMapping.ToProto(month.Month),
            StartTime = month.From.ToTimestamp(),
            EndTime = month.To.ToTimestamp(),
            NeededCount = month.Needed,
        };
        if (month.Reached is { } count)
        {
            proto.ReachedCount = count;
        }
        return proto;
    }

    static V1.StageOutlook ToProto(StageOutlook stage, string currency)
    {
        var proto = new V1.StageOutlook
        {
            Stage = stage.Stage.ToProto(),
            OpenCount = stage.Open,
            UnestimatedCount = stage.Unestimated,
            HistoryCount = stage.History,
            HistoryWonCount = stage.Won,
            AverageAmount = stage.Average?.ToMoney(currency),
        };
        Expect(proto, stage.Expected, currency);
        return proto;
    }

    static void Expect(V1.StageOutlook proto, Expected? expected, string currency)
    {
        if (expected is not { } known)
        {
            return;
        }
        (proto.ExpectedWinCount, proto.WinLowCount, proto.WinHighCount) = (known.Wins, known.WinInterval.Low, known.WinInterval.High);
        proto.ExpectedAmount = ((decimal)known.Amount).ToMoney(currency);
        proto.LowAmount = ((decimal)known.AmountInterval.Low).ToMoney(currency);
        proto.HighAmount = ((decimal)known.AmountInterval.High).ToMoney(currency);
    }
}
