using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Type.V1;

namespace L2R.Metrics.Api;

/// <summary>From the domain's answer to the wire.</summary>
static class AttributionMapping
{
    public static V1.Attribution ToProto(AttributionAnswer answer, AttributionQuery query, long journeys) => new()
    {
        AsOf = query.AsOf.ToTimestamp(),
        KnownAt = query.KnownAt.ToTimestamp(),
        JourneyCount = journeys,
        WinCount = answer.Wins,
        WonAmounts = { Amounts(answer.WonAmounts) },
        WithoutAmountCount = answer.WithoutAmount,
        UntouchedCount = answer.Untouched,
        UntouchedAmounts = { Amounts(answer.UntouchedAmounts) },
        NonconvertingCount = answer.Nonconverting,
        Models = { answer.Models.Select(ToProto) },
        RemovalEffects =
        {
            answer.RemovalEffects.Select(effect => new V1.RemovalEffect
            {
                Value = effect.Value ?? "",
                Unknown = effect.Value is null,
                Share = effect.Share,
            }),
        },
    };

    static V1.ModelCredits ToProto(ModelCredits credits) => new()
    {
        Model = (V1.AttributionModel)((int)credits.Model + 1),
        Credits =
        {
            credits.Credits.Select(credit => new V1.Credit
            {
                Value = credit.Value ?? "",
                Unknown = credit.Value is null,
                WinNanos = credit.WinNanos,
                Amounts = { Amounts(credit.Amounts) },
            }),
        },
    };

    static IEnumerable<Money> Amounts(IReadOnlyDictionary<string, decimal> amounts) => amounts.Select(amount => amount.Value.ToMoney(amount.Key));
}
