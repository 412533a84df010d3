using Grpc.Core;
using L2R.Metrics.Domain.Catalogue;
using L2R.Metrics.V1;

namespace L2R.Metrics.Api;

/// <remarks>The part that says what the figures mean.</remarks>
sealed partial class MetricsApi
{
    // Never changes while the service runs.
    static readonly ListMetricDefinitionsResponse Definitions = new() { MetricDefinitions = { MetricCatalogue.All.Select(ToProto) } };

    public override Task<ListMetricDefinitionsResponse> ListMetricDefinitions(ListMetricDefinitionsRequest request, ServerCallContext context) =>
        Task.FromResult(Definitions);

    static V1.MetricDefinition ToProto(Domain.Catalogue.MetricDefinition definition) => new()
    {
        Name = $"metricDefinitions/{definition.Id}",
        DisplayName = definition.Name,
        Section = definition.Section,
        Formula = definition.Formula,
        Unit = definition.Unit,
        Source = definition.Source,
        RefreshCadence = definition.RefreshCadence,
        Owner = definition.Owner,
        SkipTreatment = definition.Skips,
        ReentryTreatment = definition.Reentry,
        CensoringTreatment = definition.Censoring,
        Fields = { definition.Fields },
    };
}
