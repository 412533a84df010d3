using System.Text;

namespace L2R.Metrics.Domain.Catalogue;

/// <summary>The catalogue as docs/metric-catalogue.md has it.</summary>
public static class CatalogueDocument
{
    /// <summary>Markdown; lines end with a line feed.</summary>
    public static string Write(IEnumerable<MetricDefinition> definitions)
    {
        var text = new StringBuilder("""
            # Metric catalogue

            Every figure of `l2r.metrics.v1`: what it is, and what skipped stages, stages entered again and journeys that are still open do to it.
            `MetricsService/ListMetricDefinitions` serves the same. `./l2r docs` writes this page; don't edit it by hand.

            `R_k` is a journey's earliest entry of stage k or a later one, `A` is `as_of`, `K` is `known_at`, `h` a horizon, `P` a period.

            """.ReplaceLineEndings("\n"));
        foreach (var section in definitions.GroupBy(definition => definition.Section))
        {
            text.Append('\n').Append("## ").Append(section.Key).Append('\n');
            foreach (var definition in section)
            {
                Write(text, definition);
            }
        }
        return text.ToString();
    }

    static void Write(StringBuilder text, MetricDefinition definition)
    {
        text.Append("\n### ").Append(definition.Name).Append(" (`").Append(definition.Id).Append("`)\n\n");
        foreach (var (what, said) in new[]
        {
            ("Formula", definition.Formula),
            ("Unit", definition.Unit),
            ("Skips", definition.Skips),
            ("Re-entry", definition.Reentry),
            ("Censoring", definition.Censoring),
            ("Source", definition.Source),
            ("Refreshed", definition.RefreshCadence),
            ("Owner", definition.Owner),
            ("Fields", string.Join(", ", definition.Fields.Select(field => $"`{field}`"))),
        })
        {
            text.Append("- ").Append(what).Append(": ").Append(said).Append('\n');
        }
    }
}
