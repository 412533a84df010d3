using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Simulation;

/// <summary>What a channel cost in a month, beside its touches.</summary>
/// <param name="Last">The month's last day, included.</param>
/// <param name="Cost">EUR, to the cent.</param>
sealed record SimulatedSpend(string Channel, DateOnly First, DateOnly Last, decimal Cost)
{
    /// <summary>Those of every month of a simulation, its last one whole.</summary>
    public static IEnumerable<SimulatedSpend> Of(SimulationOptions options)
    {
        const long spends = 0x7370_656e_64;
        var random = new SeededRandom(options.Seed ^ spends, stream: 0);
        for (var month = new DateOnly(options.From.Year, options.From.Month, 1); month < DateOnly.FromDateTime(options.Until.UtcDateTime); month = month.AddMonths(1))
        {
            foreach (var channel in SimulatedWorld.Channels.Where(channel => channel.SpendPerLead > 0))
            {
                var leads = (double)options.Journeys / options.Months * channel.Share * SimulatedWorld.Volume[month.Month - 1];
                var cents = Math.Floor(random.NextLogNormal(100 * channel.SpendPerLead * leads, SimulatedWorld.SpendSpread));
                yield return new SimulatedSpend(channel.Name, month, month.AddMonths(1).AddDays(-1), (decimal)cents / 100);
            }
        }
    }

    /// <summary>What the days cost that have begun by an instant; each has the same part.</summary>
    public double CostUntil(DateTimeOffset instant)
    {
        var begun = Math.Min(Last.DayNumber, DateOnly.FromDateTime(instant.UtcDateTime).DayNumber) - First.DayNumber + 1;
        return (double)Cost * begun / (Last.DayNumber - First.DayNumber + 1);
    }

    public Spend ToProto() => new() { Channel = Channel, FirstDate = ToProto(First), LastDate = ToProto(Last), Cost = Cost.ToMoney("EUR") };

    /// <summary>The same whenever it is sent, so that two that send it at once add it once.</summary>
    /// <param name="source">Of the simulation.</param>
    public string RequestId(string source) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{source}/{Channel}/{First:yyyy-MM-dd}")))[..16]).ToString();

    static Date ToProto(DateOnly day) => new() { Year = day.Year, Month = day.Month, Day = day.Day };
}
