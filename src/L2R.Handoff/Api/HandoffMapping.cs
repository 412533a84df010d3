using Google.Protobuf.WellKnownTypes;
using L2R.Handoff.Domain;
using L2R.Ledger;
using L2R.ServiceDefaults;

namespace L2R.Handoff.Api;

/// <summary>Between wire and domain.</summary>
static class HandoffMapping
{
    public static string Name(Guid journeyId) => $"handoffs/{journeyId:D}";

    public static string JourneyName(Guid journeyId) => $"journeys/{journeyId:D}";

    public static string LeadName(Guid leadId) => $"leads/{leadId:D}";

    public static string RepName(Guid repId) => $"reps/{repId:D}";

    /// <returns>Empty for nobody.</returns>
    public static string RepName(Assignee? owner) => owner is null ? "" : RepName(owner.RepId);

    public static V1.Handoff ToProto(SalesJourney journey) => new()
    {
        Name = Name(journey.JourneyId),
        Lead = LeadName(journey.LeadId),
        Journey = JourneyName(journey.JourneyId),
        Stage = journey.Stage.ToProto(),
        Owner = RepName(journey.Owner),
        QueueTime = journey.QueueTime?.ToTimestamp(),
        AssignTime = journey.AssignTime?.ToTimestamp(),
        AcceptTime = journey.AcceptTime?.ToTimestamp(),
        QualifyTime = journey.QualifyTime?.ToTimestamp(),
        Qualification = journey.Qualification is { } found ? ToProto(found) : null,
        Imported = journey.Imported,
        Etag = Etag.Write(journey.Version),
    };

    /// <summary>Reads what sales found; adds every rule that it breaks. A criterion that is left out is not met.</summary>
    public static Qualification ToQualification(V1.Qualification found, List<FieldProblem> problems)
    {
        return new(Read("need", found.Need), Read("budget", found.Budget), Read("authority", found.Authority), Read("timeline", found.Timeline));

        Criterion Read(string name, V1.Criterion? criterion)
        {
            problems.AtMost($"qualification.{name}.note", criterion?.Note ?? "", 500);
            return new(criterion?.Met ?? false, criterion?.Note ?? "");
        }
    }

    public static V1.Rep ToProto(Rep rep)
    {
        var proto = ToProto(rep.Details);
        proto.Name = RepName(rep.Id);
        proto.CreateTime = rep.CreateTime.ToTimestamp();
        proto.UpdateTime = rep.UpdateTime.ToTimestamp();
        proto.Etag = Etag.Write(rep.Version);
        return proto;
    }

    /// <summary>Only what a caller may change.</summary>
    public static V1.Rep ToProto(RepDetails details) => new()
    {
        DisplayName = details.DisplayName,
        Subject = details.Subject ?? "",
        Team = details.Team,
        Active = details.Active,
    };

    /// <summary>Reads what a caller says of a rep; adds every rule that it breaks, but for fields that are missing.</summary>
    public static RepDetails ToDetails(V1.Rep rep, List<FieldProblem> problems)
    {
        problems.AtMost("rep.display_name", rep.DisplayName, 200);
        problems.Key("rep.subject", rep.Subject);
        problems.KebabCase("rep.team", rep.Team);
        return new(rep.DisplayName, rep.Subject.Length == 0 ? null : rep.Subject, rep.Team, !rep.HasActive || rep.Active);
    }

    static V1.Qualification ToProto(Qualification found) => new()
    {
        Need = ToProto(found.Need),
        Budget = ToProto(found.Budget),
        Authority = ToProto(found.Authority),
        Timeline = ToProto(found.Timeline),
    };

    static V1.Criterion ToProto(Criterion criterion) => new() { Met = criterion.Met, Note = criterion.Note };
}
