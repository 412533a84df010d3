using L2R.Opportunity.Domain;

namespace L2R.Opportunity.Tests.Domain;

public sealed class PipelineTests
{
    [Fact]
    public void The_pipeline_that_ships_gets_surer_from_stage_to_stage()
    {
        var stages = Pipeline.Default.Stages;

        Assert.Equal(["discovery", "proposal", "negotiation"], stages.Select(stage => stage.Id));
        Assert.All(stages, stage => Assert.InRange(stage.WinRatio, 0, 1));
        Assert.Equal(stages.OrderBy(stage => stage.WinRatio), stages);
        Assert.Equal("discovery", Pipeline.Default.First.Id);
        Assert.True(Pipeline.Default.Has("negotiation"));
        Assert.False(Pipeline.Default.Has("Negotiation"));
    }
}
