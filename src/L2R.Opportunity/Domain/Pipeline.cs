namespace L2R.Opportunity.Domain;

/// <param name="Id">Kebab case.</param>
/// <param name="WinRatio">The share of deals in this stage that are expected to be won, 0 to 1.</param>
public sealed record PipelineStage(string Id, double WinRatio);

/// <summary>The stages that open deals go through, in order.</summary>
public sealed record Pipeline(string Id, IReadOnlyList<PipelineStage> Stages)
{
    /// <summary>The one that ships.</summary>
    public static Pipeline Default { get; } = new("default", [new("discovery", 0.2), new("proposal", 0.5), new("negotiation", 0.8)]);

    public PipelineStage First => Stages[0];

    public bool Has(string stageId) => Stages.Any(stage => stage.Id == stageId);
}
