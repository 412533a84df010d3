using System.Security.Cryptography;
using System.Text;
using L2R.Cli.Imports;
using L2R.Cli.Simulation;
using L2R.Ledger.Domain;

namespace L2R.Cli.Tests.Simulation;

public sealed class GeneratorTests
{
    static readonly SimulationOptions Options = new(8_000, Months: 18, Seed: 3, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly IReadOnlyList<SimulatedJourney> Drawn = [.. new Generator(Options).Journeys()];

    // A change of this hash is a change of every simulation: say so in the change log.
    [Fact]
    public void The_same_options_give_the_same_bytes_on_every_machine() => Assert.Equal(
        "992F393A88B56E2DD31E44F1810EB66AFA704772D9816F25B028BFCDCBFBD04E",
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Write(Options)))));

    [Fact]
    public void More_leads_leave_those_before_as_they_were_and_another_seed_makes_others()
    {
        var file = Write(Options);

        Assert.StartsWith(file, Write(Options with { Journeys = 8_010 }), StringComparison.Ordinal);
        Assert.NotEqual(file, Write(Options with { Seed = 4 }));
    }

    [Fact]
    public void The_file_is_one_that_an_import_takes_as_a_whole()
    {
        using var temp = new TempCheckout();
        var plan = ImportPlan.Create(new FileReader(temp.Write("out.csv", Write(Options)), ImportMap.Find("plain"), Options.Until).Read());

        Assert.Empty(plan.Refusals);
        Assert.Equal((Drawn.Sum(journey => (long)journey.Rows.Count), Drawn.Count), (plan.RowCount, plan.JourneyCount));
    }

    [Fact]
    public void What_is_told_first_and_what_is_told_again_are_histories_too_and_differ_in_the_late_and_the_wrong_rows_alone()
    {
        var rows = new SimulatedRows(Options.Source);
        var first = ImportPlan.Create(Drawn.SelectMany(rows.FirstTold));
        var again = ImportPlan.Create(Drawn.Where(journey => journey.Late is not null || journey.Wrong is not null).SelectMany(rows.Whole));

        Assert.Empty(first.Refusals.Concat(again.Refusals));
        var told = Contents(first);
        var changed = Contents(again).Where(row => told.GetValueOrDefault(row.Key) != row.Value).Select(row => row.Key).ToHashSet();
        Assert.Equal(
            Drawn.Select(journey => (Key(journey), (long?)journey.Late ?? journey.Wrong)).Where(row => row.Item2 is not null).Select(row => (row.Item1, row.Item2!.Value)).ToHashSet(),
            changed);
        Assert.InRange(Drawn.Count(journey => journey.Late is not null), 60, 200);
        Assert.InRange(Drawn.Count(journey => journey.Wrong is not null), 40, 140);
    }

    [Theory]
    [InlineData(true, Stage.Lead, Stage.Mql, Stage.Sal)]
    [InlineData(true, Stage.Lead, Stage.Mql)]
    [InlineData(false, Stage.Lead, Stage.Mql, Stage.Rejected)] // nobody rejects a lead
    [InlineData(false, Stage.Lead, Stage.Mql, Stage.Disqualified)] // without the MQL it would be Intake's row
    public void A_row_is_late_only_where_the_others_are_a_history_without_it_and_stay_where_they_are(bool expected, params Stage[] stages) =>
        Assert.Equal(expected, Generator.CanBeLate([.. stages.Select((stage, hour) => new SimulatedRow(stage, Options.From.AddHours(hour), null, "", null))], index: 1));

    [Fact]
    public void Rows_follow_each_other_within_the_time_and_a_lead_comes_back_only_after_it_was_recycled()
    {
        Assert.All(Drawn, journey =>
        {
            var times = journey.Rows.Select(row => row.At).ToList();
            Assert.Equal(times.Distinct().Order(), times);
            Assert.InRange(times[0], Options.From, Options.Until);
            Assert.InRange(times[^1], Options.From, Options.Until);
        });
        Assert.All(Drawn.GroupBy(journey => journey.Lead), lead =>
        {
            Assert.Equal(Enumerable.Range(1, lead.Count()), lead.Select(journey => journey.Number));
            Assert.All(lead.SkipLast(1).Zip(lead.Skip(1)), pair =>
            {
                Assert.Equal(Stage.Recycled, pair.First.Rows[^1].To);
                Assert.True(pair.First.Rows[^1].At < pair.Second.Rows[0].At);
            });
        });
    }

    [Fact]
    public void Everything_that_a_real_history_has_is_there()
    {
        var walks = Drawn.Select(journey => journey.Rows.Select(row => row.To).ToList()).ToList();

        Assert.Equal(Stages.All, walks.SelectMany(walk => walk).Distinct().Order());
        Assert.Contains(walks, walk => walk[0] == Stage.Sal);
        Assert.Contains(walks, walk => walk.Count > 1 && walk[0] == Stage.Lead && walk[1] == Stage.Sal);
        Assert.Contains(walks, walk => walk.Contains(Stage.Opportunity) && !walk.Contains(Stage.Sql));
        Assert.Contains(walks, walk => walk.Count(stage => stage == Stage.ClosedWon) > 1);
        Assert.Contains(Drawn, journey => journey.Number > 1);
        Assert.Equal(12, Drawn.Select(journey => journey.Channel.Name).Distinct().Count());
        Assert.Equal(9, Drawn.SelectMany(journey => journey.Rows).Select(row => row.Rep).OfType<string>().Distinct().Count());
    }

    [Fact]
    public void The_volume_follows_the_seasons()
    {
        var byMonth = Drawn.Where(journey => journey.Number == 1).CountBy(journey => journey.Rows[0].At.ToString("yyyy-MM", null)).ToDictionary();

        // October 1.20 against August 0.70 of an average month.
        Assert.InRange(byMonth["2025-10"] / (double)byMonth["2025-08"], 1.20 / 0.70 * 0.85, 1.20 / 0.70 * 1.15);
    }

    [Fact]
    public void Drop_offs_are_about_35_60_50_60_and_25_percent()
    {
        var world = SimulatedWorld.Channels;
        double[] wanted = [0.35, 0.60, 0.50, 0.60, 0.25];
        Assert.Equal(1, world.Sum(channel => channel.Share), 1e-9);
        Assert.Equal(1, SimulatedWorld.Segments.Sum(segment => segment.Share), 1e-9);
        Assert.Equal(1, SimulatedWorld.Reps.Sum(reps => reps.Share), 1e-9);
        Assert.All(wanted.Index(), pair => Assert.InRange(world.Sum(channel => channel.Share * channel.Rates[pair.Index]), pair.Item - 0.03, pair.Item + 0.03));
        Assert.All(world, channel => Assert.All(channel.Rates.Index(), rate => Assert.InRange(
            rate.Item * SimulatedWorld.Segments.Max(segment => segment.Rates[rate.Index]) * (rate.Index == 0 ? SimulatedWorld.Season.Max() : 1), 0, 1)));
    }

    [Fact]
    public void Touches_lie_within_their_journey_and_cost_what_their_channel_does()
    {
        var generator = new Generator(Options);
        Assert.All(Drawn.Take(500), journey =>
        {
            var touches = generator.TouchesOf(journey);
            Assert.Equal(new Touch(journey.Channel.Name, journey.Campaign, journey.Rows[0].At, journey.Channel.CostPerTouch), touches[0]);
            var last = journey.Rows[^1];
            var isOver = last.To.IsExit() || last.To == Stage.ClosedWon;
            Assert.All(touches, touch => Assert.InRange(touch.At, journey.Rows[0].At, isOver ? last.At : last.At.AddDays(SimulatedWorld.TouchDays)));
            Assert.Equal(touches.OrderBy(touch => touch.At), touches);
            Assert.Equal(touches.Where(touch => touch.At <= Options.Until), generator.TouchesOf(journey, Options.Until));
            Assert.Equal(touches, generator.TouchesOf(journey));
        });
        Assert.Contains(Drawn, journey => generator.TouchesOf(journey).Select(touch => touch.Channel).Distinct().Count() > 1);
        Assert.Equal(12, Drawn.SelectMany(journey => generator.TouchesOf(journey)).Select(touch => touch.Channel).Distinct().Count());

        // After each touch but the last possible one, another one in 45 of 100.
        var expected = (1 - Math.Pow(0.45, 8)) / 0.55;
        Assert.InRange(Drawn.Average(journey => generator.TouchesOf(journey).Count), expected * 0.97, expected * 1.03);
    }

    [Fact]
    public void Spends_are_of_whole_months_and_of_channels_that_cost_something_and_follow_the_volume()
    {
        var spends = SimulatedSpend.Of(Options with { Until = Options.Until.AddDays(-10) }).ToList();

        Assert.Equal(spends, SimulatedSpend.Of(Options with { Until = Options.Until.AddDays(-10) }));
        Assert.All(spends, spend => Assert.Equal((1, spend.First.AddMonths(1)), (spend.First.Day, spend.Last.AddDays(1))));
        Assert.Equal((new DateOnly(2024, 12, 1), new DateOnly(2026, 6, 30)), (spends[0].First, spends[^1].Last));
        var channels = SimulatedWorld.Channels.Where(channel => channel.SpendPerLead > 0).Select(channel => channel.Name).ToList();
        Assert.Equal(channels, spends.Select(spend => spend.Channel).Distinct());
        Assert.Equal(19 * channels.Count, spends.Count);
        Assert.Equal(spends.Count, spends.Select(spend => spend.RequestId("a")).Distinct().Count());
        Assert.NotEqual(spends[0].RequestId("a"), spends[0].RequestId("b"));

        double Sum(int month) => (double)spends.Where(spend => spend.First.Month == month).Sum(spend => spend.Cost);
        Assert.InRange(Sum(10) / Sum(8), 1.20 / 0.70 * 0.7, 1.20 / 0.70 * 1.3);
        Assert.InRange((double)spends.Where(spend => spend.Channel == "event").Average(spend => spend.Cost), 45 * 0.08 * 8_000 / 18 * 0.85, 45 * 0.08 * 8_000 / 18 * 1.15);
    }

    static string Write(SimulationOptions options)
    {
        using var rows = new StringWriter();
        Simulate.Write(options, rows, TextWriter.Null);
        return rows.ToString();
    }

    static string Key(SimulatedJourney journey) => $"lead-{journey.Lead:D7}-{journey.Number}";

    static Dictionary<(string Key, long Seq), string> Contents(ImportPlan plan) => plan.Rows
        .SelectMany(rows => rows.Value.Select(row => (Owner: rows.Key, Row: row)))
        .ToDictionary(row => (row.Row.SourceKey, row.Row.SourceSeq), row => $"{row.Owner} {row.Row.To} {row.Row.OccurTime} {row.Row.Amount} {row.Row.Reason} {row.Row.Actor}");
}
