using Google.Protobuf.WellKnownTypes;
using L2R.Opportunity.Domain;
using L2R.ServiceDefaults;

namespace L2R.Opportunity.Api;

/// <summary>Between wire and domain.</summary>
static class DealMapping
{
    static readonly string[] Changeable = ["display_name", "stage", "amount", "expected_close_date", "owner"];

    public static string Name(Guid dealId) => $"opportunities/{dealId:D}";

    public static string JourneyName(Guid journeyId) => $"journeys/{journeyId:D}";

    public static string LeadName(Guid leadId) => $"leads/{leadId:D}";

    public static V1.OpportunityState ToProto(DealState state) => (V1.OpportunityState)((int)state + 1);

    public static V1.Opportunity ToProto(Deal deal) => new()
    {
        Name = Name(deal.Id),
        Journey = JourneyName(deal.JourneyId),
        Lead = LeadName(deal.LeadId),
        DisplayName = deal.Details.DisplayName,
        Stage = deal.Details.Stage,
        Amount = ToMoney(deal.Details),
        CurrencyCode = deal.Details.Currency ?? "",
        ExpectedCloseDate = ToDate(deal.Details),
        Owner = deal.Details.Owner,
        Product = deal.Details.Product,
        State = ToProto(deal.State),
        OpenTime = deal.OpenTime.ToTimestamp(),
        CloseTime = deal.CloseTime?.ToTimestamp(),
        CloseReason = deal.CloseReason,
        CreateTime = deal.CreateTime.ToTimestamp(),
        UpdateTime = deal.UpdateTime.ToTimestamp(),
        Etag = Etag.Write(deal.Version),
    };

    public static Type.V1.Money? ToMoney(DealDetails details) =>
        details is { Amount: { } amount, Currency: { } currency } ? MoneyMapping.ToProto(amount, currency) : null;

    public static Type.V1.Date? ToDate(DealDetails details) =>
        details.ExpectedCloseDate is { } date ? MoneyMapping.ToProto(date) : null;

    public static V1.Pipeline ToProto(Pipeline pipeline) => new()
    {
        Name = $"pipelines/{pipeline.Id}",
        Stages = { pipeline.Stages.Select(stage => new V1.PipelineStage { StageId = stage.Id, WinRatio = stage.WinRatio }) },
    };

    /// <summary>Reads what a caller says of a deal; adds every rule that it breaks.</summary>
    public static DealDetails ToDetails(V1.Opportunity deal, List<FieldProblem> problems)
    {
        problems.AtMost("opportunity.display_name", deal.DisplayName, 200);
        problems.PersonId("opportunity.owner", deal.Owner);
        problems.AtMost("opportunity.product", deal.Product, 200);
        problems.Currency("opportunity.currency_code", deal.CurrencyCode);
        if (deal.Stage.Length > 0 && !Pipeline.Default.Has(deal.Stage))
        {
            problems.Add(new("opportunity.stage", $"must be a stage of the pipeline: {string.Join(", ", Pipeline.Default.Stages.Select(stage => stage.Id))}"));
        }
        var amount = problems.Amount("opportunity.amount", deal.Amount);
        var currency = deal.Amount?.CurrencyCode ?? deal.CurrencyCode;
        if (deal.CurrencyCode.Length > 0 && currency != deal.CurrencyCode)
        {
            problems.Add(new("opportunity.amount.currency_code", "must be opportunity.currency_code, where both are set"));
        }
        return new DealDetails
        {
            DisplayName = deal.DisplayName,
            Stage = deal.Stage.Length == 0 ? Pipeline.Default.First.Id : deal.Stage,
            Amount = amount,
            Currency = currency.Length == 0 ? null : currency,
            ExpectedCloseDate = problems.Day("opportunity.expected_close_date", deal.ExpectedCloseDate),
            Owner = deal.Owner,
            Product = deal.Product,
        };
    }

    /// <summary>The paths to change: those named, or every one that is set.</summary>
    public static IReadOnlyCollection<string> ReadMask(V1.UpdateOpportunityRequest request, List<FieldProblem> problems)
    {
        var wanted = request.Opportunity ?? new();
        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            return [.. Changeable.Where(path => IsSet(wanted, path))];
        }
        problems.Mask(mask.Paths, Changeable);
        if (mask.Paths.Contains("stage") && wanted.Stage.Length == 0)
        {
            problems.Add(new("opportunity.stage", "must not be empty"));
        }
        return [.. mask.Paths];
    }

    /// <summary>The details as they were, with the named fields as the request has them.</summary>
    public static DealDetails Merge(DealDetails before, DealDetails wanted, IReadOnlyCollection<string> paths) =>
        paths.Aggregate(before, (details, path) => path switch
        {
            "display_name" => details with { DisplayName = wanted.DisplayName },
            "stage" => details with { Stage = wanted.Stage },
            // An amount that is taken away leaves its currency.
            "amount" => details with { Amount = wanted.Amount, Currency = wanted.Amount is null ? before.Currency : wanted.Currency },
            "expected_close_date" => details with { ExpectedCloseDate = wanted.ExpectedCloseDate },
            "owner" => details with { Owner = wanted.Owner },
            _ => throw new ArgumentOutOfRangeException(nameof(paths), path, "is not in the mask's list"),
        });

    static bool IsSet(V1.Opportunity deal, string path) =>
        V1.Opportunity.Descriptor.FindFieldByName(path).Accessor.GetValue(deal) is not (null or "");
}
