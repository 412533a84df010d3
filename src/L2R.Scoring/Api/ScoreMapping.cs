using Google.Protobuf.WellKnownTypes;
using L2R.Scoring.Domain;

namespace L2R.Scoring.Api;

/// <summary>Scores between domain and wire.</summary>
static class ScoreMapping
{
    public static string LeadName(Guid leadId) => $"leads/{leadId:D}";

    public static string JourneyName(Guid journeyId) => $"journeys/{journeyId:D}";

    public static V1.Score ToProto(Score score) => new()
    {
        Name = $"scores/{score.JourneyId:D}",
        Lead = LeadName(score.LeadId),
        Journey = JourneyName(score.JourneyId),
        Points = score.Points,
        Threshold = score.Threshold,
        PolicyVersion = PolicyNames.Of(score.PolicyVersion),
        State = (V1.ScoreState)((int)score.State + 1),
        Contributions = { score.Contributions.Where(given => given.PolicyVersion == score.PolicyVersion).Select(ToProto) },
        EarlierContributions = { score.Contributions.Where(given => given.PolicyVersion != score.PolicyVersion).Select(ToProto) },
        CreateTime = score.CreateTime.ToTimestamp(),
        UpdateTime = score.UpdateTime.ToTimestamp(),
        QualifyTime = score.QualifyTime?.ToTimestamp(),
    };

    static V1.Contribution ToProto((int PolicyVersion, Contribution Contribution) given) => new()
    {
        Rule = given.Contribution.Rule,
        Points = given.Contribution.Points,
        Matched = given.Contribution.Matched,
        PolicyVersion = PolicyNames.Of(given.PolicyVersion),
    };
}
