using Google.Protobuf.WellKnownTypes;
using L2R.Intake.Domain;
using L2R.Ledger;
using L2R.ServiceDefaults;
using L2R.Type.V1;

namespace L2R.Intake.Api;

/// <summary>Between wire and domain.</summary>
static class LeadMapping
{
    public static string Name(Guid leadId) => $"leads/{leadId:D}";

    public static string JourneyName(Guid journeyId) => $"journeys/{journeyId:D}";

    public static string TouchpointName(Guid touchpointId) => $"touchpoints/{touchpointId:D}";

    public static V1.Lead ToProto(Lead lead)
    {
        var proto = ToProto(lead.Details);
        proto.Name = Name(lead.Id);
        proto.State = (V1.LeadState)((int)lead.State + 1);
        proto.Journey = JourneyName(lead.Journey.JourneyId);
        proto.Stage = lead.Journey.Stage.ToProto();
        proto.CreateTime = lead.CreateTime.ToTimestamp();
        proto.UpdateTime = lead.UpdateTime.ToTimestamp();
        proto.Etag = Etag.Write(lead.Version);
        proto.MergedInto = lead.Merge is { } merge ? Name(merge.Survivor) : "";
        return proto;
    }

    /// <summary>Only what a caller may change.</summary>
    public static V1.Lead ToProto(LeadDetails details) => new()
    {
        ExternalId = details.ExternalId ?? "",
        Person = ToProto(details.Person),
        Channel = details.Channel,
        Source = details.Source,
        Campaign = details.Campaign,
        Profile = ToProto(details.Profile),
        Custom = { details.Custom.ToDictionary() },
    };

    public static V1.Profile ToProto(Profile profile) => new()
    {
        Segment = profile.Segment,
        RegionCode = profile.RegionCode,
        Industry = profile.Industry,
        EmployeeCount = profile.EmployeeCount,
        JobLevel = profile.JobLevel,
        Product = profile.Product,
    };

    public static V1.Touchpoint ToProto(Touchpoint touchpoint) => new()
    {
        Name = TouchpointName(touchpoint.Id),
        Lead = Name(touchpoint.LeadId),
        Kind = touchpoint.Kind,
        OccurTime = touchpoint.OccurTime.ToTimestamp(),
        Channel = touchpoint.Channel,
        Campaign = touchpoint.Campaign,
        Engagement = touchpoint.Engagement,
        Cost = touchpoint is { Cost: { } cost, Currency: { } currency } ? cost.ToMoney(currency) : null,
    };

    /// <summary>Reads what a caller says of a lead; adds every rule that it breaks.</summary>
    public static LeadDetails ToDetails(V1.Lead lead, List<FieldProblem> problems)
    {
        var person = lead.Person ?? new();
        var profile = lead.Profile ?? new();
        var email = EmailAddress.TryParse(person.Email);
        if (person.Email.Length > 0 && email is null)
        {
            problems.Add(new("lead.person.email", "must be an address such as ada@example.com, at most 254 characters"));
        }
        if (person.Email.Length == 0 && lead.ExternalId.Length == 0)
        {
            problems.Add(new("lead.person.email", "is required, unless lead.external_id is set"));
        }
        problems.Key("lead.external_id", lead.ExternalId);
        problems.AtMost("lead.person.given_name", person.GivenName, 200);
        problems.AtMost("lead.person.family_name", person.FamilyName, 200);
        problems.AtMost("lead.person.phone", person.Phone, 50);
        problems.AtMost("lead.person.company", person.Company, 200);
        problems.KebabCase("lead.channel", lead.Channel);
        problems.AtMost("lead.source", lead.Source, 200);
        problems.AtMost("lead.campaign", lead.Campaign, 200);
        problems.KebabCase("lead.profile.segment", profile.Segment);
        problems.RegionCode("lead.profile.region_code", profile.RegionCode);
        problems.KebabCase("lead.profile.industry", profile.Industry);
        if (profile.EmployeeCount < 0)
        {
            problems.Add(new("lead.profile.employee_count", "must not be negative"));
        }
        problems.KebabCase("lead.profile.job_level", profile.JobLevel);
        problems.AtMost("lead.profile.product", profile.Product, 200);
        problems.Custom("lead.custom", lead.Custom);
        return new LeadDetails
        {
            ExternalId = lead.ExternalId.Length == 0 ? null : lead.ExternalId,
            Person = new Person
            {
                Email = email,
                GivenName = person.GivenName,
                FamilyName = person.FamilyName,
                Phone = person.Phone,
                Company = person.Company,
            },
            Channel = lead.Channel.Length == 0 ? "unknown" : lead.Channel,
            Source = lead.Source,
            Campaign = lead.Campaign,
            Profile = new Profile
            {
                Segment = profile.Segment,
                RegionCode = profile.RegionCode,
                Industry = profile.Industry,
                EmployeeCount = profile.EmployeeCount,
                JobLevel = profile.JobLevel,
                Product = profile.Product,
            },
            Custom = lead.Custom.Where(pair => pair.Value.Length > 0).ToDictionary(),
        };
    }

    static V1.Person ToProto(Person person) => new()
    {
        Email = person.Email?.Value ?? "",
        GivenName = person.GivenName,
        FamilyName = person.FamilyName,
        Phone = person.Phone,
        Company = person.Company,
    };
}
