using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.V1;
using L2R.Type.V1;
using ChangeBasis = L2R.Metrics.Domain.Diagnosis.ChangeBasis;

namespace L2R.Metrics.Api;

/// <summary>From the parts of a change to the wire, and to a sentence.</summary>
static class ChangeMapping
{
    public static ChangeExplanation ToProto(ChangeAnswer answer, ChangeQuery query, long journeys)
    {
        var change = answer.Expected;
        List<(RevenuePart Part, decimal Amount, string Words)> parts =
        [
            Part(ChangeFactor.Volume, change.Volume, "volume"),
            Part(ChangeFactor.Mix, change.Mix, $"the mix of {query.Ways.Dimension.Name}"),
            .. change.Conversions.Select((amount, index) => Conversion(Pair.All[index], amount)),
            Part(ChangeFactor.DealSize, change.DealSize, "deal size"),
            .. answer.Other == 0 ? [] : new[] { Part(ChangeFactor.Other, answer.Other, "wins that no journey of their period leads to") },
        ];
        return new()
        {
            AsOf = query.Ways.Scope.AsOf.ToTimestamp(),
            KnownAt = query.Ways.Scope.KnownAt.ToTimestamp(),
            Basis = query.Ways.Basis == ChangeBasis.Booked ? V1.ChangeBasis.Booked : V1.ChangeBasis.Cohort,
            Horizon = query.Ways.Basis == ChangeBasis.Booked ? null : query.Ways.Horizon.ToDuration(),
            Dimension = query.Ways.Dimension.Name,
            Before = ToProto(answer.Before, change.Before, query.Before, query.Ways.Currency),
            After = ToProto(answer.After, change.After, query.After, query.Ways.Currency),
            Change = answer.Change.ToMoney(query.Ways.Currency),
            JourneyCount = journeys,
            Parts = { parts.Select(part => part.Part) },
            Summary = Summary(answer, query, parts.ConvertAll(part => (part.Words, part.Amount))),
        };

        (RevenuePart, decimal, string) Part(ChangeFactor factor, decimal amount, string words) =>
            (new RevenuePart { Factor = factor, Amount = amount.ToMoney(query.Ways.Currency) }, amount, words);

        (RevenuePart, decimal, string) Conversion(Pair pair, decimal amount)
        {
            var (part, _, _) = Part(ChangeFactor.Conversion, amount, "");
            (part.From, part.To) = (pair.From.ToProto(), pair.To.ToProto());
            return (part, amount, $"{pair.From.Name()} to {pair.To.Name()}");
        }
    }

    static RevenueSide ToProto(RevenueOfPeriod revenue, decimal expected, (DateTimeOffset From, DateTimeOffset To) period, string currency) => new()
    {
        StartTime = period.From.ToTimestamp(),
        EndTime = period.To.ToTimestamp(),
        JourneyCount = revenue.Journeys,
        ImmatureCount = revenue.Immature,
        ExpectedAmount = expected.ToMoney(currency),
        WonAmount = revenue.Won.ToMoney(currency),
        WithoutAmountCount = revenue.WithoutAmount,
        LeftOutAmounts = { revenue.LeftOut.Select(amount => amount.Value.ToMoney(amount.Key)) },
        StartedWonCount = revenue.StartedWon,
    };

    static string Summary(ChangeAnswer answer, ChangeQuery query, List<(string Words, decimal Amount)> parts)
    {
        var (before, after) = (answer.Before.Won, answer.After.Won);
        if (answer.Before.Journeys == 0 || answer.After.Journeys == 0)
        {
            var which = answer.Before.Journeys == 0 ? "earlier" : "later";
            if (query.Ways.Basis == ChangeBasis.Cohort)
            {
                return $"No journey of the {which} period has been followed for {query.Ways.Horizon.TotalDays:0.#} days: there is nothing to compare.";
            }
            if (before == 0 && after == 0)
            {
                return $"No journey reached LEAD in the {which} period: there is nothing to compare.";
            }
        }
        if (before == after)
        {
            return $"Revenue is the same in both periods: {Text(after)}.";
        }
        var told = parts.Where(part => part.Amount != 0).OrderByDescending(part => Math.Abs(part.Amount)).Take(3)
            .Select(part => $"{part.Words} {(part.Amount > 0 ? "brought" : "cost")} {Text(Math.Abs(part.Amount))}");
        return $"Revenue {(after > before ? "rose" : "fell")} by {Text(Math.Abs(after - before))}, from {Text(before)} to {Text(after)}: {string.Join(", ", told)}.";

        string Text(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"{query.Ways.Currency} {amount:#,0.00}");
    }
}
