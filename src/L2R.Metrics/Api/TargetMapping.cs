using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Segment = L2R.Metrics.Domain.Segment;
using Target = L2R.Metrics.V1.Target;

namespace L2R.Metrics.Api;

/// <summary>Between targets and the wire.</summary>
static class TargetMapping
{
    const long MostJourneys = 1_000_000_000_000;

    static readonly string[] Changeable = ["conversion", "effective_end_time", "effective_start_time", "velocity", "volume"];

    public static string Name(Guid targetId) => $"targets/{targetId:D}";

    public static Target ToProto(Domain.Target target)
    {
        var proto = ToProto(target.Details);
        proto.Name = Name(target.Id);
        proto.CreateTime = target.CreateTime.ToTimestamp();
        proto.UpdateTime = target.UpdateTime.ToTimestamp();
        proto.Etag = Etag.Write(target.Version);
        return proto;
    }

    /// <summary>Only what a caller says of it.</summary>
    public static Target ToProto(TargetDetails details)
    {
        var proto = new Target
        {
            From = details.Pair.From.ToProto(),
            To = details.Pair.To.ToProto(),
            Segment = ToProto(details.Segment),
            EffectiveStartTime = details.From.ToTimestamp(),
            EffectiveEndTime = details.Until?.ToTimestamp(),
        };
        switch (details.Goal)
        {
            case Goal.Volume(var count, var period):
                proto.Volume = new VolumeGoal { ReachCount = count, Period = period.ToProto() };
                break;
            case Goal.Conversion(var ratio, var horizon):
                proto.Conversion = new ConversionGoal { Ratio = ratio, Horizon = horizon.ToDuration() };
                break;
            case Goal.Velocity(var median, var horizon):
                proto.Velocity = new VelocityGoal { Median = median.ToDuration(), Horizon = horizon.ToDuration() };
                break;
        }
        return proto;
    }

    public static TargetSegment? ToProto(Segment? segment) =>
        segment is null ? null : new TargetSegment { Dimension = segment.Dimension, Value = segment.Value };

    /// <summary>Reads what a caller says of a target; adds every rule that it breaks.</summary>
    /// <param name="custom">The tenant's own dimensions.</param>
    /// <returns>Of use where there is no problem.</returns>
    public static TargetDetails ToDetails(Target target, CustomDimensions custom, List<FieldProblem> problems)
    {
        var pair = problems.Pair("target", target.From, target.To);
        var segment = problems.Segment("target.segment", target.Segment, custom);
        var goal = ToGoal(target, problems);
        var from = problems.AnyInstant("target.effective_start_time", target.EffectiveStartTime);
        if (from is null)
        {
            problems.Add(new("target.effective_start_time", FieldProblem.Required));
        }
        var until = problems.AnyInstant("target.effective_end_time", target.EffectiveEndTime);
        if (until <= from)
        {
            problems.Add(new("target.effective_end_time", "must be after effective_start_time"));
        }
        return new(pair ?? Pair.All[0], segment, goal, from ?? default, until);
    }

    /// <summary>Reads a change: the paths that it names, or every one that is set.</summary>
    public static IReadOnlyList<string> ReadMask(UpdateTargetRequest request, List<FieldProblem> problems)
    {
        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            return request.Target is not { } target ? [] : [.. Changeable.Where(path => Target.Descriptor.FindFieldByName(path).Accessor.GetValue(target) is not null)];
        }
        problems.Mask(mask.Paths, Changeable);
        return [.. mask.Paths];
    }

    /// <summary>The target as it was, with the named fields as the request has them.</summary>
    public static Target Merge(Target before, Target wanted, IReadOnlyList<string> paths, List<FieldProblem> problems)
    {
        var merged = before.Clone();
        foreach (var field in paths.Select(path => Target.Descriptor.FindFieldByName(path)))
        {
            if (field.ContainingOneof is not null && merged.GoalCase.ToString() != field.PropertyName)
            {
                problems.Add(new($"target.{field.Name}", $"must stay as it is: the target's goal is {before.GoalCase.ToString().ToLowerInvariant()}; create another for this one"));
                continue;
            }
            if (field.Accessor.GetValue(wanted) is { } value)
            {
                field.Accessor.SetValue(merged, value);
            }
            else
            {
                field.Accessor.Clear(merged);
            }
        }
        return merged;
    }

    static Goal ToGoal(Target target, List<FieldProblem> problems)
    {
        switch (target.GoalCase)
        {
            case Target.GoalOneofCase.Volume:
                if (target.Volume.ReachCount is < 1 or > MostJourneys)
                {
                    problems.Add(new("target.volume.reach_count", "must be from 1 to 1,000,000,000,000"));
                }
                return new Goal.Volume(target.Volume.ReachCount, problems.Cadence("target.volume.period", target.Volume.Period));
            case Target.GoalOneofCase.Conversion:
                if (!(target.Conversion.Ratio is > 0 and <= 1))
                {
                    problems.Add(new("target.conversion.ratio", "must be over 0 and at most 1"));
                }
                return new Goal.Conversion(target.Conversion.Ratio, problems.Span("target.conversion.horizon", target.Conversion.Horizon));
            case Target.GoalOneofCase.Velocity:
                var (median, horizon) = (problems.Span("target.velocity.median", target.Velocity.Median), problems.Span("target.velocity.horizon", target.Velocity.Horizon));
                if (median > horizon)
                {
                    problems.Add(new("target.velocity.median", "must be at most the horizon"));
                }
                return new Goal.Velocity(median, horizon);
            default:
                problems.Add(new("target.goal", "is required: volume, conversion or velocity"));
                return new Goal.Volume(1, Domain.PeriodKind.Month);
        }
    }
}
