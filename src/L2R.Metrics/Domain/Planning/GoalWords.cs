using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Domain.Planning;

/// <summary>A plan in a sentence.</summary>
public static class GoalWords
{
    public static string Summary(GoalPlan plan, PlanQuery query)
    {
        var goal = query.Amount is { } amount ? Plain.Amount(amount, query.Ways.Currency) : Plain.Text($"{query.Wins:#,0} wins");
        if (plan.NoPlan is { } reason)
        {
            return $"{goal} cannot be planned back: {reason}.";
        }
        var needed = plan.Stages.ToDictionary(stage => stage.Stage, stage => Plain.Text($"{Math.Ceiling(stage.Needed!.Value):#,0} {stage.Stage.Name()}"));
        var lead = plan.Stages[0];
        var when = lead.MedianToWin is { } time ? $", about {Plain.Time(time)} ahead" : "";
        var wins = query.Amount is null ? "" : Plain.Text($" {Math.Ceiling(plan.Stages[^1].Needed!.Value):#,0} wins,");
        return $"{goal} takes{wins} {needed[Stage.Opportunity]}, {needed[Stage.Sql]}, {needed[Stage.Sal]}, {needed[Stage.Mql]} and {needed[Stage.Lead]}{when}, if journeys convert and bring what they did.";
    }
}
