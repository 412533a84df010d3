using System.Globalization;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Metrics.Storage;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;

namespace L2R.Metrics.Api;

/// <summary>The gRPC face of the service: read the request, act, answer. Rules are in Domain, SQL in Storage.</summary>
[Authorize(Roles = Roles.Readers)]
sealed partial class MetricsApi(
    LedgerStore ledger, TouchStore touches, SettingsStore settings, TargetStore targets, SpendStore spends, TriggerStore triggers, ReviewStore reviews,
    AnnotationStore annotations, TransitionExport exports, IHostApplicationLifetime lifetime, TimeProvider clock)
    : MetricsService.MetricsServiceBase
{
    const string ErrorDomain = "metrics.l2r";

    [Question]
    public override async Task<V1.Waterfall> GetWaterfall(GetWaterfallRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = WaterfallRequests.Read(request, reporting, await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var journeys = await ReadJourneysAsync(tenant, reporting, query.KnownAt, cancellationToken);
        var answer = Answer(journeys, query, reporting, cancellationToken);
        await AnnotateAsync(tenant, query, answer, answer, cancellationToken);
        return answer;
    }

    public override async Task<Journey> GetJourney(GetJourneyRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var journeyId = problems.Name("name", request.Name, "journeys");
        var now = await ledger.GetNowAsync(tenant, cancellationToken);
        var (asOf, knownAt) = (WaterfallRequests.Past(request.AsOf, "as_of", now, problems), WaterfallRequests.Known(request.KnownAt, "known_at", now, problems));
        problems.ThrowIfAny(ErrorDomain);

        if (await ledger.FindLeadOfJourneyAsync(tenant, journeyId!.Value, knownAt, cancellationToken) is not var (lead, rows))
        {
            throw ApiErrors.NotFound(ErrorDomain, "JOURNEY_NOT_FOUND", request.Name);
        }
        var journey = JourneyMapping.ToProto(journeyId.Value, lead, rows, asOf, knownAt);
        var rules = (await settings.FindAsync(tenant, cancellationToken)).OutOfScope;
        if (rules.All.Count > 0)
        {
            var version = await ledger.FindVersionAsync(tenant, lead, knownAt, cancellationToken);
            var facts = Fold.Lead(rows, DateTimeOffset.MaxValue, knownAt, version, survivor: lead)
                .FirstOrDefault(each => each.JourneyId == journeyId || each.Parts.Contains(journeyId.Value));
            journey.OutOfScopeRule = facts is null ? "" : rules.Of(facts)?.Name ?? "";
        }
        return journey;
    }

    public override async Task<Settings> GetSettings(GetSettingsRequest request, ServerCallContext context) =>
        ToProto(await settings.FindAsync(context.Tenant(), context.CancellationToken));

    [Authorize(Roles = Roles.Operators)]
    public override async Task<Settings> UpdateSettings(UpdateSettingsRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        var requestId = problems.RequestId(request.RequestId);
        var wanted = request.Settings ?? new();
        var version = Etag.Read(wanted.Etag);
        var change = SettingsChange.Read(wanted, request.UpdateMask, await settings.FindAsync(context.Tenant(), context.CancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        var outcome = await settings.UpdateAsync(
            context.Tenant(), version, requestId, RequestLog.Fingerprint(context.Method, request), change, clock.GetStorableNow(), context.CancellationToken);
        return outcome switch
        {
            SettingsOutcome.Done(var done) => ToProto(done),
            SettingsOutcome.EtagStale => throw ApiErrors.EtagStale(ErrorDomain, "settings"),
            SettingsOutcome.RequestIdReused => throw ApiErrors.RequestIdReused(ErrorDomain, request.RequestId),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
        };
    }

    static V1.Waterfall Answer(JourneyColumns journeys, WaterfallQuery query, ReportingSettings reporting, CancellationToken cancellationToken)
    {
        try
        {
            return WaterfallMapping.ToProto(
                Domain.Waterfall.Answer(journeys, query, Processors.All, cancellationToken), query, reporting, journeys);
        }
        catch (TooManyGroupsException tooMany)
        {
            List<FieldProblem> problems = [WaterfallRequests.TooWide(tooMany, query.GroupBy.Count)];
            problems.ThrowIfAny(ErrorDomain);
            throw;
        }
    }

    /// <summary>Every journey of the tenant that is in scope, as known at an instant.</summary>
    async Task<JourneyColumns> ReadJourneysAsync(
        string tenant, ReportingSettings reporting, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var journeys = await InMemoryAsync(() => ledger.ReadAsync(tenant, knownAt, cancellationToken));
        return journeys.InScope(reporting.OutOfScope);
    }

    /// <summary>What is read of the ledger; a tenant that does not fit into memory is refused with what helps.</summary>
    static async Task<T> InMemoryAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (TooManyJourneysException tooMany)
        {
            throw ApiErrors.Create(
                StatusCode.ResourceExhausted, ErrorDomain, "JOURNEYS_TOO_MANY",
                $"The tenant has more than {tooMany.Limit} journeys, which is what this service keeps in memory. A question that asks for less does not help: all of them are kept. "
                + "Whoever operates the service may give it more memory and raise Ledger__MaxJourneysInMemory; until then ExportTransitions and the SQL views of reporting.* answer.",
                ("limit", tooMany.Limit.ToString(CultureInfo.InvariantCulture)));
        }
    }

    static Settings ToProto(ReportingSettings settings) => new()
    {
        TimeZone = settings.TimeZone,
        CurrencyCode = settings.CurrencyCode,
        FiscalStartMonth = settings.FiscalStartMonth,
        UpdateTime = settings.UpdateTime is { } time ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(time) : null,
        Etag = Etag.Write(settings.Version),
        CustomDimensions =
        {
            settings.Custom.Declared
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new CustomDimension { Name = pair.Key, Kind = (CustomDimensionKind)((int)pair.Value + 1) }),
        },
        OutOfScopeRules = { OutOfScopeRules.ToProto(settings.OutOfScope) },
    };
}
