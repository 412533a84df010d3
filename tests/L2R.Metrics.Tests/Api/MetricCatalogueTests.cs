using Google.Protobuf.Reflection;
using L2R.Metrics.Domain.Catalogue;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>The catalogue, the contract and the document say the same.</summary>
public sealed class MetricCatalogueTests(MetricsFixture metrics)
{
    [Fact]
    public void The_document_is_what_the_code_says() =>
        Assert.Equal(CatalogueDocument.Write(MetricCatalogue.All), File.ReadAllText(Path.Combine(Repository.Root, "docs", "metric-catalogue.md")));

    [Fact]
    public void Every_figure_of_an_answer_has_one_definition_and_every_definition_a_figure()
    {
        var defined = MetricCatalogue.All.SelectMany(metric => metric.Fields).Concat(MetricCatalogue.Echoes);

        Assert.Equal(Figures().Order(StringComparer.Ordinal), defined.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_definition_says_everything_under_an_id_of_its_own()
    {
        Assert.Equal(MetricCatalogue.All.Count, MetricCatalogue.All.Select(metric => metric.Id).Distinct().Count());
        Assert.All(MetricCatalogue.All, metric => Assert.All(
            new[] { metric.Name, metric.Section, metric.Formula, metric.Unit, metric.Skips, metric.Reentry, metric.Censoring, metric.Source, metric.RefreshCadence, metric.Owner },
            text => Assert.False(string.IsNullOrWhiteSpace(text), metric.Id)));
        Assert.All(MetricCatalogue.All, metric => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", metric.Id));
    }

    [Fact]
    [Trait("needs", "postgres")]
    [Trait("needs", "rabbitmq")]
    public async Task Lists_every_definition()
    {
        var answer = await (await metrics.ClientAsync()).ListMetricDefinitionsAsync(new(), MetricsFixture.As(MetricsFixture.NewTenant()));

        Assert.Equal(MetricCatalogue.All.Select(metric => $"metricDefinitions/{metric.Id}"), answer.MetricDefinitions.Select(metric => metric.Name));
        var conversion = answer.MetricDefinitions.Single(metric => metric.Name == "metricDefinitions/cohort-conversion");
        var expected = MetricCatalogue.All.Single(metric => metric.Id == "cohort-conversion");
        Assert.Equal(
            (expected.Name, expected.Section, expected.Formula, expected.Unit, expected.Source),
            (conversion.DisplayName, conversion.Section, conversion.Formula, conversion.Unit, conversion.Source));
        Assert.Equal(
            (expected.Skips, expected.Reentry, expected.Censoring, expected.RefreshCadence, expected.Owner),
            (conversion.SkipTreatment, conversion.ReentryTreatment, conversion.CensoringTreatment, conversion.RefreshCadence, conversion.Owner));
        Assert.Equal(expected.Fields, conversion.Fields);
    }

    /// <summary>The numbers, times and amounts in what the service answers, and the shares and velocities that are made of them.</summary>
    static IEnumerable<string> Figures() =>
        from message in Answers(MetricsService.Descriptor.Methods.Select(rpc => rpc.OutputType), [])
        from field in message.Fields.InDeclarationOrder()
        where IsFigure(field)
        select $"{message.Name}.{field.Name}";

    /// <summary>Every message of this package within an answer.</summary>
    static HashSet<MessageDescriptor> Answers(IEnumerable<MessageDescriptor> from, HashSet<MessageDescriptor> found)
    {
        foreach (var message in from.Where(message => message.File.Package == "l2r.metrics.v1" && found.Add(message)))
        {
            Answers(message.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message).Select(field => field.MessageType), found);
        }
        return found;
    }

    static bool IsFigure(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Int32 or FieldType.Int64 or FieldType.Double => true,
        FieldType.Message => field.MessageType.Name is "Duration" or "Money" or "Rate" or "AmountRate" or "Velocity",
        _ => false,
    };
}
