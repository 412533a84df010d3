using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>The ledger, row by row.</summary>
sealed partial class MetricsApi
{
    // Of the longest texts and values they stay under 4 MiB.
    const int RowsOfBatch = 500;

    // A caller that takes nothing holds a connection to the database.
    static readonly TimeSpan LongestStall = TimeSpan.FromMinutes(1);

    public override async Task ExportTransitions(
        ExportTransitionsRequest request, IServerStreamWriter<ExportTransitionsResponse> responseStream, ServerCallContext context)
    {
        var tenant = context.Tenant();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var problems = RequiredFields.FindMissing(request);
            var listing = Read(request, await ledger.GetNowAsync(tenant, ending.Token), problems);
            problems.ThrowIfAny(ErrorDomain);

            var (batch, isFirst) = (NewBatch(), true);
            await foreach (var lead in exports.ReadLeadsAsync(tenant, listing.KnownAt, ending.Token))
            {
                foreach (var row in listing.Of(lead))
                {
                    if (batch.Rows.Count == RowsOfBatch)
                    {
                        await WriteAsync(batch);
                        (batch, isFirst) = (NewBatch(), false);
                    }
                    batch.Rows.Add(JourneyMapping.ToProto(row));
                }
            }
            if (isFirst || batch.Rows.Count > 0)
            {
                await WriteAsync(batch);
            }

            ExportTransitionsResponse NewBatch() => new() { AsOf = listing.AsOf.ToTimestamp(), KnownAt = listing.KnownAt.ToTimestamp() };
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw ApiErrors.Create(
                StatusCode.Unavailable, ErrorDomain, "SERVICE_STOPPING", "The service stops. Ask again, with the as_of and known_at of the answer for the same rows.");
        }

        async Task WriteAsync(ExportTransitionsResponse response)
        {
            using var patience = new CancellationTokenSource(LongestStall, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, patience.Token);
            try
            {
                await responseStream.WriteAsync(response, either.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !ending.IsCancellationRequested)
            {
                throw ApiErrors.Create(
                    StatusCode.Aborted, ErrorDomain, "EXPORT_STALLED", $"The caller took nothing for {LongestStall.TotalSeconds:0} s. Ask again, and read without a pause.");
            }
        }
    }

    static RowListing Read(ExportTransitionsRequest request, DateTimeOffset now, List<FieldProblem> problems)
    {
        var scope = AnswerRequests.Scope(
            request.AsOf, request.KnownAt, request.StartTime, request.EndTime, filters: [], V1.JourneySelection.Unspecified, ReportingSettings.Default, now, problems);
        return new(scope.AsOf, scope.KnownAt, scope.From, scope.To, request.IncludeSuperseded);
    }
}
