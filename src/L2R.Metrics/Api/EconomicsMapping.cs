using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Costs;
using L2R.Type.V1;

namespace L2R.Metrics.Api;

/// <summary>From cost and nurture to the wire.</summary>
static class EconomicsMapping
{
    public static V1.Economics ToProto(IReadOnlyList<EconomicsRow> rows, EconomicsQuery query, ReportingSettings settings, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeyCount,
        Rows = { rows.Select(row => ToProto(row, query)) },
    };

    public static V1.Nurture ToProto(NurtureAnswer answer, NurtureQuery query, ReportingSettings settings, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeyCount,
        Horizon = query.Horizon.ToDuration(),
        PoolCount = answer.Pool,
        ReEntry = WaterfallMapping.ToProto(answer.ReEntry),
        ReopenedCount = answer.Reopened,
        ImmatureCount = answer.Immature,
        Periods =
        {
            answer.Periods.Select(period => new V1.NurturePeriod
            {
                Period = WaterfallMapping.ToProto(period.Period),
                RecycledCount = period.Recycled,
                PoolEndCount = period.Pool,
            }),
        },
        Wins =
        {
            answer.Wins.Select(win => new V1.JourneyNumberWins
            {
                Number = win.Number,
                WonJourneyCount = win.Journeys,
                WinCount = win.Won.Count,
                WithoutAmountCount = win.Won.WithoutAmount,
                WonAmount = win.Won.Amount.ToMoney(query.Currency),
                LeftOutWonAmounts = { Amounts(win.Won.LeftOut) },
            }),
        },
    };

    static V1.EconomicsRow ToProto(EconomicsRow row, EconomicsQuery query)
    {
        var (currency, cost) = (query.Currency, row.Cost);
        var proto = new V1.EconomicsRow
        {
            Period = WaterfallMapping.ToProto(row.Period),
            Value = row.Value ?? "",
            Unknown = row.Value is null && query.By != EconomicsKey.All,
            Cost = cost.IsKnown ? cost.Total.ToMoney(currency) : null,
            TouchCost = cost.OfTouches.ToMoney(currency),
            SpendCost = cost.OfSpends.ToMoney(currency),
            LeftOutCosts = { Amounts(cost.LeftOut) },
            Stages =
            {
                Stages.Waterfall.Select(stage => new V1.ReachCost
                {
                    Stage = stage.ToProto(),
                    ReachCount = row.Reached[(int)stage],
                    CostPerReach = row.CostPerReach(stage)?.ToMoney(currency),
                    NoValueReason = row.CostPerReach(stage) is null ? WhyNone(cost, $"no journey reached {stage.Name()}") : "",
                }),
            },
            NewCustomerCount = row.NewCustomers,
            ExistingCustomerCount = row.ExistingCustomers,
            UnknownMotionCount = row.UnknownMotion,
            CostPerNewCustomer = row.CostPerNewCustomer?.ToMoney(currency),
            NoCostPerNewCustomerReason = row.CostPerNewCustomer is not null ? "" : WhyNone(cost, row.UnknownMotion == 0
                ? "no journey of motion new was won"
                : "no journey of motion new was won; some were whose motion is unknown"),
            WinCount = row.Won.Count,
            WithoutAmountCount = row.Won.WithoutAmount,
            WonAmount = row.Won.Amount.ToMoney(currency),
            LeftOutWonAmounts = { Amounts(row.Won.LeftOut) },
            NoWonPerCostReason = row.WonPerCost is null ? WhyNone(cost, "the cost is 0") : "",
        };
        if (row.WonPerCost is { } ratio)
        {
            proto.WonPerCostRatio = ratio;
        }
        return proto;
    }

    /// <summary>Of the two things that a cost per something lacks, the first.</summary>
    static string WhyNone(CostSum cost, string otherwise) =>
        cost.IsKnown ? otherwise : cost.LeftOut.Count > 0 ? "all cost is in other currencies" : "no cost is known";

    static IEnumerable<Money> Amounts(IReadOnlyDictionary<string, decimal> amounts) => amounts.Select(amount => amount.Value.ToMoney(amount.Key));
}
