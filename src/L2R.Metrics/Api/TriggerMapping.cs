using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Trigger = L2R.Metrics.V1.Trigger;

namespace L2R.Metrics.Api;

/// <summary>Between triggers and the wire.</summary>
static class TriggerMapping
{
    const int UsualReviewDays = 14;
    const int MostReviewDays = 365;

    public static string Name(Guid triggerId) => $"triggers/{triggerId:D}";

    public static Trigger ToProto(Domain.Trigger trigger)
    {
        var proto = ToProto(trigger.Details);
        proto.Name = Name(trigger.Id);
        proto.Armed = trigger.Armed;
        proto.DueTime = trigger.Due?.Time.ToTimestamp();
        proto.CreateTime = trigger.CreateTime.ToTimestamp();
        proto.LatestEvaluation = trigger.Latest is { } latest
            ? new TriggerEvaluation
            {
                Key = latest.Key,
                EvaluateTime = latest.Time.ToTimestamp(),
                Verdict = (TriggerVerdict)((int)latest.Verdict + 1),
                Reading = latest.Reading is { } reading ? ReadingMapping.ToProto(reading) : null,
            }
            : null;
        return proto;
    }

    /// <summary>Only what a caller says of it.</summary>
    public static Trigger ToProto(TriggerDetails details)
    {
        var proto = new Trigger { DisplayName = details.DisplayName, Owner = details.Owner, ReviewDays = details.ReviewDays };
        switch (details.Condition)
        {
            case Condition.Metric metric:
                proto.Metric = new MetricCondition
                {
                    From = metric.Pair.From.ToProto(),
                    To = metric.Pair.To.ToProto(),
                    Segment = TargetMapping.ToProto(metric.Segment),
                    Measure = ReadingMapping.ToProto(metric.Measure),
                    Horizon = ReadingMapping.Horizon(metric.Measure),
                    Period = metric.Period.ToProto(),
                    Comparison = metric.Comparison == Comparison.Below ? TriggerComparison.Below : TriggerComparison.Above,
                    Threshold = metric.Threshold,
                    RearmThreshold = metric.Rearm,
                };
                break;
            case Condition.Calendar(var first, var every):
                proto.Calendar = new CalendarCondition
                {
                    FirstDate = first.ToProto(),
                    Every = every is { } period ? period.ToProto() : Cadence.Unspecified,
                };
                break;
            default:
                proto.PolicyActivated = new PolicyActivatedCondition();
                break;
        }
        return proto;
    }

    /// <summary>Reads what a caller says of a trigger; adds every rule that it breaks, but for texts that are missing.</summary>
    /// <param name="custom">The tenant's own dimensions.</param>
    /// <returns>Of use where there is no problem.</returns>
    public static TriggerDetails ToDetails(Trigger trigger, CustomDimensions custom, List<FieldProblem> problems)
    {
        problems.AtMost("trigger.display_name", trigger.DisplayName, 200);
        problems.AtMost("trigger.owner", trigger.Owner, 200);
        problems.PersonId("trigger.owner", trigger.Owner);
        if (trigger.ReviewDays is < 0 or > MostReviewDays)
        {
            problems.Add(new("trigger.review_days", $"must be from 1 to {MostReviewDays}, or 0 for {UsualReviewDays}"));
        }
        return new(trigger.DisplayName, trigger.Owner, ToCondition(trigger, custom, problems), trigger.ReviewDays == 0 ? UsualReviewDays : trigger.ReviewDays);
    }

    static Condition ToCondition(Trigger trigger, CustomDimensions custom, List<FieldProblem> problems)
    {
        switch (trigger.ConditionCase)
        {
            case Trigger.ConditionOneofCase.Metric:
                return ToMetric(trigger.Metric, custom, problems);
            case Trigger.ConditionOneofCase.Calendar:
                var first = problems.Day("trigger.calendar.first_date", trigger.Calendar.FirstDate);
                if (first is { Year: < 1970 })
                {
                    problems.Add(new("trigger.calendar.first_date", "must not be before 1970"));
                }
                return new Condition.Calendar(
                    first ?? default,
                    trigger.Calendar.Every == Cadence.Unspecified ? null : problems.Cadence("trigger.calendar.every", trigger.Calendar.Every));
            case Trigger.ConditionOneofCase.PolicyActivated:
                return new Condition.PolicyActivated();
            default:
                problems.Add(new("trigger.condition", "is required: metric, calendar or policy_activated"));
                return new Condition.PolicyActivated();
        }
    }

    static Condition.Metric ToMetric(MetricCondition metric, CustomDimensions custom, List<FieldProblem> problems)
    {
        const string field = "trigger.metric";
        var pair = problems.Pair(field, metric.From, metric.To);
        var segment = problems.Segment($"{field}.segment", metric.Segment, custom);
        if (!System.Enum.IsDefined(metric.Measure))
        {
            problems.Add(new($"{field}.measure", "has a value that this version does not know"));
        }
        if (metric is { Measure: TriggerMeasure.Volume, Horizon: not null })
        {
            problems.Add(new($"{field}.horizon", "must not be set: a volume has none"));
        }
        var horizon = metric.Measure is TriggerMeasure.Conversion or TriggerMeasure.Velocity ? problems.Span($"{field}.horizon", metric.Horizon) : default;
        var period = problems.Cadence($"{field}.period", metric.Period);
        if (!System.Enum.IsDefined(metric.Comparison))
        {
            problems.Add(new($"{field}.comparison", "has a value that this version does not know"));
        }
        var most = metric.Measure == TriggerMeasure.Conversion ? 1 : 1e12;
        if (!(metric.Threshold > 0 && metric.Threshold <= most))
        {
            problems.Add(new($"{field}.threshold", most > 1 ? "must be over 0" : "must be over 0 and at most 1"));
        }
        var rearm = metric.HasRearmThreshold ? metric.RearmThreshold : metric.Threshold;
        var isBelow = metric.Comparison == TriggerComparison.Below;
        if (!(isBelow ? rearm >= metric.Threshold && rearm <= most : rearm <= metric.Threshold && rearm >= 0))
        {
            problems.Add(new($"{field}.rearm_threshold", isBelow ? "must be at least the threshold" : "must be at most the threshold, and not negative"));
        }
        return new Condition.Metric(
            pair ?? Pair.All[0], segment, ReadingMapping.ToMeasure(metric.Measure, horizon), period, isBelow ? Comparison.Below : Comparison.Above, metric.Threshold, rearm);
    }
}
