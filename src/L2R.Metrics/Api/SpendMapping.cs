using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain.Costs;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.Type.V1;
using Spend = L2R.Metrics.V1.Spend;

namespace L2R.Metrics.Api;

/// <summary>Between spends and the wire.</summary>
static class SpendMapping
{
    const int MostDays = 3660;
    const int FirstYear = 1970;
    const int LastYear = 9000; // its days are instants in every zone

    static readonly string[] Changeable = ["cost", "first_date", "last_date"];

    public static Spend ToProto(Domain.Costs.Spend spend)
    {
        var proto = ToProto(spend.Details);
        proto.Name = $"spends/{spend.Id:D}";
        proto.CreateTime = spend.CreateTime.ToTimestamp();
        proto.UpdateTime = spend.UpdateTime.ToTimestamp();
        proto.Etag = Etag.Write(spend.Version);
        return proto;
    }

    /// <summary>Only what a caller says of it.</summary>
    public static Spend ToProto(SpendDetails details) => new()
    {
        Channel = details.Channel ?? "",
        Campaign = details.Campaign ?? "",
        FirstDate = details.FirstDay.ToProto(),
        LastDate = details.LastDay.ToProto(),
        Cost = details.Amount.ToMoney(details.Currency),
    };

    /// <summary>Reads what a caller says of a spend; adds every rule that it breaks.</summary>
    /// <returns>Of use where there is no problem.</returns>
    public static SpendDetails ToDetails(Spend spend, List<FieldProblem> problems)
    {
        problems.KebabCase("spend.channel", spend.Channel);
        problems.AtMost("spend.campaign", spend.Campaign, 200);
        if (spend.Channel.Length == 0 && spend.Campaign.Length == 0)
        {
            problems.Add(new("spend.channel", "is required, unless spend.campaign is set"));
        }
        var (first, last) = (Day("spend.first_date", spend.FirstDate, problems), Day("spend.last_date", spend.LastDate, problems));
        if (last < first || last?.DayNumber - first?.DayNumber >= MostDays)
        {
            problems.Add(new("spend.last_date", "must not be before first_date, nor 3,660 days after it or more"));
        }
        var cost = problems.Cost("spend.cost", spend.Cost);
        return new(
            spend.Channel.Length == 0 ? null : spend.Channel, spend.Campaign.Length == 0 ? null : spend.Campaign,
            first ?? default, last ?? default, cost ?? 0, spend.Cost?.CurrencyCode ?? "");
    }

    /// <summary>Reads a change: the paths that it names, or every one that is set.</summary>
    public static IReadOnlyList<string> ReadMask(UpdateSpendRequest request, List<FieldProblem> problems)
    {
        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            return request.Spend is not { } spend ? [] : [.. Changeable.Where(path => Spend.Descriptor.FindFieldByName(path).Accessor.GetValue(spend) is not null)];
        }
        problems.Mask(mask.Paths, Changeable);
        return [.. mask.Paths];
    }

    /// <summary>The spend as it was, with the named fields as the request has them.</summary>
    public static Spend Merge(SpendDetails before, Spend wanted, IReadOnlyList<string> paths)
    {
        var merged = ToProto(before);
        foreach (var field in paths.Select(path => Spend.Descriptor.FindFieldByName(path)))
        {
            if (field.Accessor.GetValue(wanted) is { } value)
            {
                field.Accessor.SetValue(merged, value);
            }
            else
            {
                field.Accessor.Clear(merged);
            }
        }
        return merged;
    }

    static DateOnly? Day(string field, Date? date, List<FieldProblem> problems)
    {
        var day = problems.Day(field, date);
        if (day is { Year: < FirstYear or > LastYear })
        {
            problems.Add(new(field, $"must be from {FirstYear} to {LastYear}"));
        }
        return day;
    }
}
