using Grpc.Core;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Where the waterfall falls short, and what follows from it.</summary>
sealed partial class MetricsApi
{
    [Question]
    public override async Task<V1.Diagnosis> Diagnose(DiagnoseRequest request, ServerCallContext context)
    {
        var (tenant, cancellationToken) = (context.Tenant(), context.CancellationToken);
        var reporting = await settings.FindAsync(tenant, cancellationToken);
        var problems = RequiredFields.FindMissing(request);
        var query = DiagnosisRequests.Read(
            request, reporting, await targets.ListAsync(tenant, cancellationToken), await ledger.GetNowAsync(tenant, cancellationToken), problems);
        problems.ThrowIfAny(ErrorDomain);

        return await ByValueAsync(async () =>
        {
            var (diagnosis, basis) = await GatherAsync(
                tenant, reporting, query.Ways.Scope, [query.Ways.Dimension], () => new RevenueDiagnosis(query), cancellationToken);
            return Told(DiagnosisMapping.ToProto(diagnosis.ToAnswer(), query), basis);
        });
    }

    /// <summary>An answer by the values of a dimension; too many of them are refused.</summary>
    static async Task<T> ByValueAsync<T>(Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (TooManyGroupsException tooMany)
        {
            List<FieldProblem> problems = [new("dimension", $"has more than {tooMany.Max} values: choose another one, or by filters fewer of them")];
            problems.ThrowIfAny(ErrorDomain);
            throw;
        }
    }
}
