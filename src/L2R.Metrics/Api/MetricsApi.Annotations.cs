using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>What people did, as a list and on the time axis of every series.</summary>
sealed partial class MetricsApi
{
    const int MostAnnotations = 100;
    const int BytesAroundField = 8; // its tag and its length

    public override async Task<ListAnnotationsResponse> ListAnnotations(ListAnnotationsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        var (start, end) = (problems.AnyInstant("start_time", request.StartTime), problems.AnyInstant("end_time", request.EndTime));
        if (end <= start)
        {
            problems.Add(new("end_time", "must be after start_time"));
        }
        problems.ThrowIfAny(ErrorDomain);

        var rows = await annotations.ListAsync(context.Tenant(), page.Start, start, end, page.Limit, context.CancellationToken);
        return new ListAnnotationsResponse
        {
            Annotations = { rows.Take(page.Size).Select(AnnotationMapping.ToProto) },
            NextPageToken = page.NextToken(rows, row => (row.Time, row.Id)),
        };
    }

    /// <summary>Adds what people did within the periods of a series; nothing is read where it has none.</summary>
    /// <param name="whole">What is sent: it stays as small as a client takes.</param>
    /// <param name="into">The series' own list, somewhere in it.</param>
    async Task AnnotateAsync(string tenant, TimeAxis? axis, IMessage whole, RepeatedField<V1.Annotation> into, CancellationToken cancellationToken)
    {
        if (axis is not { } time || await annotations.ListLatestAsync(tenant, time.Start, time.End, time.Last, MostAnnotations, cancellationToken) is not { Count: > 0 } rows)
        {
            return;
        }
        var room = WaterfallRequests.MaxBytes - whole.CalculateSize() - BytesAroundField;
        into.AddRange(rows.Select(AnnotationMapping.ToProto).TakeWhile(annotation => (room -= annotation.CalculateSize() + BytesAroundField) >= 0).Reverse());
    }

    Task AnnotateAsync(string tenant, WaterfallQuery query, IMessage whole, V1.Waterfall waterfall, CancellationToken cancellationToken) => AnnotateAsync(
        tenant, TimeAxis.Of(query.Periods, query.From, query.To, query.AsOf, query.KnownAt), whole, waterfall.Annotations, cancellationToken);

    Task AnnotateAsync(
        string tenant, ReportingCalendar? periods, JourneyScope scope, IMessage whole, RepeatedField<V1.Annotation> into, CancellationToken cancellationToken) => AnnotateAsync(
        tenant, TimeAxis.Of(periods, scope.From, scope.To, scope.AsOf, scope.KnownAt), whole, into, cancellationToken);

    /// <summary>The time that the periods of a series take, as far as it has passed and was known.</summary>
    /// <param name="Start">The first instant. Null: since ever.</param>
    /// <param name="End">The first instant after it. Null: <paramref name="Last"/> comes before.</param>
    /// <param name="Last">The last instant that counts.</param>
    readonly record struct TimeAxis(DateTimeOffset? Start, DateTimeOffset? End, DateTimeOffset Last)
    {
        /// <returns>Null where nothing is grouped by period.</returns>
        public static TimeAxis? Of(ReportingCalendar? periods, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset asOf, DateTimeOffset knownAt)
        {
            var last = asOf < knownAt ? asOf : knownAt;
            return periods is null ? null : new(
                from is { } first ? periods.PeriodOf(first).From : null,
                to <= last ? periods.PeriodOf(to.Value.AddTicks(-1)).To : null,
                last);
        }
    }
}
