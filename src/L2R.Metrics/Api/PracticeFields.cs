using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.Type.V1;
using PeriodKind = L2R.Metrics.Domain.PeriodKind;
using Segment = L2R.Metrics.Domain.Segment;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Metrics.Api;

/// <summary>The fields that targets and triggers share. Each reader adds a problem where the value breaks its rule.</summary>
static class PracticeFields
{
    static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <returns>Null where it is none of the waterfall's.</returns>
    public static Pair? Pair(this List<FieldProblem> problems, string field, Stage from, Stage to)
    {
        if (from == Stage.Unspecified)
        {
            problems.Add(new($"{field}.from", FieldProblem.Required));
        }
        if (to == Stage.Unspecified)
        {
            problems.Add(new($"{field}.to", FieldProblem.Required));
        }
        var pair = Domain.Pair.All.FirstOrDefault(known => known.From.ToProto() == from && known.To.ToProto() == to);
        if (pair is null && from != Stage.Unspecified && to != Stage.Unspecified)
        {
            var wrong = Domain.Pair.All.Any(known => known.From.ToProto() == from) ? "to" : "from";
            problems.Add(new(
                $"{field}.{wrong}", $"must make one of the waterfall's pairs: {string.Join(", ", Domain.Pair.All.Select(known => $"{known.From.Name()} to {known.To.Name()}"))}"));
        }
        return pair;
    }

    /// <param name="custom">The tenant's own dimensions.</param>
    /// <returns>Null where it is unset.</returns>
    public static Segment? Segment(this List<FieldProblem> problems, string field, TargetSegment? segment, CustomDimensions custom)
    {
        if (segment is null)
        {
            return null;
        }
        if (string.IsNullOrWhiteSpace(segment.Value))
        {
            problems.Add(new($"{field}.value", FieldProblem.Required));
        }
        problems.AtMost($"{field}.value", segment.Value, 200);
        if (custom.Find(segment.Dimension) is null)
        {
            problems.Add(new($"{field}.dimension", $"must be one of {string.Join(", ", custom.Names)}, and is '{segment.Dimension.Echo()}'"));
        }
        return new Segment(segment.Dimension, segment.Value);
    }

    public static PeriodKind Cadence(this List<FieldProblem> problems, string field, Cadence cadence)
    {
        if (cadence == V1.Cadence.Unspecified)
        {
            problems.Add(new(field, FieldProblem.Required));
        }
        else if (!System.Enum.IsDefined(cadence))
        {
            problems.Add(new(field, "has a value that this version does not know"));
        }
        return cadence == V1.Cadence.Unspecified ? PeriodKind.Month : (PeriodKind)((int)cadence - 1);
    }

    public static Cadence ToProto(this PeriodKind period) => (Cadence)((int)period + 1);

    /// <summary>A time over 0 and of at most 3,650 days, in the microseconds that PostgreSQL keeps.</summary>
    public static TimeSpan Span(this List<FieldProblem> problems, string field, Duration? duration)
    {
        if (duration is null)
        {
            problems.Add(new(field, FieldProblem.Required));
            return Longest;
        }
        if (duration.Seconds < 0 || duration.Nanos is < 0 or > 999_999_999 || duration.Seconds > Longest.TotalSeconds
            || duration.ToTimeSpan() is var span && (span < TimeSpan.FromMicroseconds(1) || span > Longest))
        {
            problems.Add(new(field, "must be more than 0 and at most 3650 days"));
            return Longest;
        }
        return new TimeSpan(span.Ticks - (span.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>An instant that may lie ahead.</summary>
    /// <returns>Null when unset.</returns>
    public static DateTimeOffset? AnyInstant(this List<FieldProblem> problems, string field, Timestamp? value)
    {
        if (value is null)
        {
            return null;
        }
        var instant = problems.Instant(field, value, DateTimeOffset.MaxValue - Fields.ClockTolerance);
        if (instant < DateTimeOffset.UnixEpoch)
        {
            problems.Add(new(field, "must not be before 1970"));
        }
        return instant;
    }

    /// <returns>Null, with a problem where it is set, when there is no such day.</returns>
    public static DateOnly? Day(this List<FieldProblem> problems, string field, Date? date)
    {
        if (date is null)
        {
            return null;
        }
        if (date is { Year: >= 1 and <= 9999, Month: >= 1 and <= 12, Day: >= 1 } && date.Day <= DateTime.DaysInMonth(date.Year, date.Month))
        {
            return new DateOnly(date.Year, date.Month, date.Day);
        }
        problems.Add(new(field, "must be a day of the calendar, with year, month and day"));
        return null;
    }

    public static Date ToProto(this DateOnly date) => new() { Year = date.Year, Month = date.Month, Day = date.Day };
}
