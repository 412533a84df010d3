using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Review = L2R.Metrics.V1.Review;
using ReviewState = L2R.Metrics.V1.ReviewState;
using Trigger = L2R.Metrics.V1.Trigger;

namespace L2R.Metrics.Api;

/// <remarks>The part that keeps triggers and reviews.</remarks>
sealed partial class MetricsApi
{
    const int LongestText = 1_000;
    const int LatestReview = 10; // years from now

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Trigger> CreateTrigger(CreateTriggerRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var details = TriggerMapping.ToDetails(request.Trigger ?? new(), await CustomOfAsync(context), problems);
        problems.ThrowIfAny(ErrorDomain);

        var now = clock.GetStorableNow();
        var due = (await ScheduleAsync(context)).First(details.Condition, now);
        if (due is null && details.Condition is Condition.Calendar)
        {
            problems.Add(new("trigger.calendar.first_date", "must not have passed, unless every is set"));
        }
        problems.ThrowIfAny(ErrorDomain);
        var outcome = await triggers.CreateAsync(
            context.Tenant(), requestId, RequestLog.Fingerprint(context.Method, request), details, due, now, context.CancellationToken);
        return Answer(outcome, "the trigger of this request", request.RequestId);
    }

    public override async Task<Trigger> GetTrigger(GetTriggerRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var triggerId = problems.Name("name", request.Name, "triggers");
        problems.ThrowIfAny(ErrorDomain);
        return await triggers.FindAsync(context.Tenant(), triggerId!.Value, context.CancellationToken) is { } trigger
            ? TriggerMapping.ToProto(trigger)
            : throw ApiErrors.NotFound(ErrorDomain, "TRIGGER_NOT_FOUND", request.Name);
    }

    public override async Task<ListTriggersResponse> ListTriggers(ListTriggersRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        problems.ThrowIfAny(ErrorDomain);

        var rows = await triggers.ListAsync(context.Tenant(), page.Start, page.Limit, context.CancellationToken);
        return new ListTriggersResponse
        {
            Triggers = { rows.Take(page.Size).Select(TriggerMapping.ToProto) },
            NextPageToken = page.NextToken(rows, trigger => (trigger.CreateTime, trigger.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Empty> DeleteTrigger(DeleteTriggerRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var triggerId = problems.Name("name", request.Name, "triggers");
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await triggers.DeleteAsync(
            context.Tenant(), triggerId!.Value, requestId, RequestLog.Fingerprint(context.Method, request), context.CancellationToken);
        Answer(outcome, request.Name, request.RequestId);
        return new Empty();
    }

    public override async Task<Review> GetReview(GetReviewRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var reviewId = problems.Name("name", request.Name, "reviews");
        problems.ThrowIfAny(ErrorDomain);
        return await reviews.FindAsync(context.Tenant(), reviewId!.Value, context.CancellationToken) is { } review
            ? ReviewMapping.ToProto(review, clock.GetStorableNow())
            : throw ReviewNotFound(request.Name);
    }

    public override async Task<ListReviewsResponse> ListReviews(ListReviewsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var page = Page.Read(request, problems);
        if (!System.Enum.IsDefined(request.State))
        {
            problems.Add(new("state", "has a value that this version does not know"));
        }
        problems.ThrowIfAny(ErrorDomain);

        var (now, state) = (clock.GetStorableNow(), request.State == ReviewState.Unspecified ? (Domain.ReviewState?)null : (Domain.ReviewState)((int)request.State - 1));
        var rows = await reviews.ListAsync(context.Tenant(), page.Start, state, page.Limit, now, context.CancellationToken);
        return new ListReviewsResponse
        {
            Reviews = { rows.Take(page.Size).Select(review => ReviewMapping.ToProto(review with { Agenda = [] }, now)) }, // a page of agendas would be too large
            NextPageToken = page.NextToken(rows, review => (review.DueTime, review.Id)),
        };
    }

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Review> CloseReview(CloseReviewRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var reviewId = problems.Name("name", request.Name, "reviews");
        problems.AtMost("decision", request.Decision, LongestText);
        problems.AtMost("trade_off", request.TradeOff, LongestText);
        var (now, schedule) = (clock.GetStorableNow(), await ScheduleAsync(context));
        var (today, next) = (schedule.DateOf(now), problems.Day("next_review_date", request.NextReviewDate));
        if (next <= today || next > today.AddYears(LatestReview))
        {
            problems.Add(new("next_review_date", $"must be after today and within {LatestReview} years"));
        }
        problems.ThrowIfAny(ErrorDomain);

        var decision = new Decision(request.Decision, request.TradeOff, next!.Value, now, context.Actor());
        var outcome = await reviews.CloseAsync(
            context.Tenant(), reviewId!.Value, Etag.Read(request.Etag), requestId, RequestLog.Fingerprint(context.Method, request), decision,
            schedule.StartOf(decision.NextReviewDate.AddDays(1)), context.CancellationToken);
        return outcome switch
        {
            ReviewOutcome.Done(var review) => ReviewMapping.ToProto(review, now),
            ReviewOutcome.NotFound => throw ReviewNotFound(request.Name),
            ReviewOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, request.Name),
            ReviewOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, request.RequestId),
            ReviewOutcome.AlreadyClosed => throw ApiErrors.Create(
                StatusCode.FailedPrecondition, ErrorDomain, "REVIEW_CLOSED",
                $"'{request.Name.Echo()}' is decided. The review that looks at its decision again is open: ListReviews has it.", ("name", request.Name)),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
        };
    }

    async Task<TriggerSchedule> ScheduleAsync(ServerCallContext context)
    {
        var reporting = await settings.FindAsync(context.Tenant(), context.CancellationToken);
        return new(TimeZoneInfo.FindSystemTimeZoneById(reporting.TimeZone), reporting.FiscalStartMonth);
    }

    /// <returns>An empty one where it is deleted.</returns>
    static Trigger Answer(TriggerOutcome outcome, string name, string requestId) => outcome switch
    {
        TriggerOutcome.Done(var trigger) => trigger is null ? new Trigger() : TriggerMapping.ToProto(trigger),
        TriggerOutcome.NotFound => throw ApiErrors.NotFound(ErrorDomain, "TRIGGER_NOT_FOUND", name),
        TriggerOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, requestId),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    static RpcException ReviewNotFound(string name) => ApiErrors.NotFound(ErrorDomain, "REVIEW_NOT_FOUND", name);
}
