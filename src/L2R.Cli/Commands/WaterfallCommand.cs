using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r waterfall</c>: the table.</summary>
static class WaterfallCommand
{
    // On a terminal: leaves room for ten columns of figures.
    const int LongestName = 24;

    // What the service calls the options. A name that holds another one comes before it.
    static readonly (string Field, string Name)[] Options =
    [
        ("group_by_period", "--by"), ("group_by", "--by"), ("start_time", "--from"), ("end_time", "--to"),
        ("as_of", "--as-of"), ("known_at", "--known-at"), ("cohort_by", "--cohort-by"),
    ];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var asOf = Option<Timestamp?>(
            "--as-of", "INSTANT", "What happened later is left out: an instant with its offset, or a day. Now unless given", WaterfallQuestion.Instant);
        var knownAt = Option<Timestamp?>("--known-at", "INSTANT", "What the ledger learnt of later is left out. Now unless given", WaterfallQuestion.Instant);
        var from = Option<Timestamp?>("--from", "INSTANT", "The first instant of the time in question", WaterfallQuestion.Instant);
        var to = Option<Timestamp?>("--to", "INSTANT", "The first instant after it", WaterfallQuestion.Instant);
        var horizons = Option<Duration[]?>(
            "--horizon", "7d,30d", "For cohort conversion, as in 1d,7d,30d. 7d,30d,90d unless given", text => [.. WaterfallQuestion.Durations(text)]);
        var curve = Option<Duration[]?>(
            "--curve", "30d,60d", "Points of the curve that counts open journeys too, as in 30d,60d,90d", text => [.. WaterfallQuestion.Durations(text)]);
        var by = Option<(PeriodKind Period, IReadOnlyList<string> Dimensions)?>(
            "--by", "month,channel", $"A period ({string.Join(", ", WaterfallQuestion.PeriodNames)}), up to two dimensions, or both. "
            + $"Dimensions: {WaterfallQuestion.DimensionNames}", text => WaterfallQuestion.GroupBy(text));
        var cohortBy = Option<L2R.Ledger.V1.Stage>(
            "--cohort-by", "LEAD", "Count all that a journey did at the instant when it reached this stage: "
            + string.Join(", ", WaterfallQuestion.CohortStages), WaterfallQuestion.CohortBy);
        var filters = new Option<DimensionFilter[]?>("--filter")
        {
            HelpName = "channel=event",
            Description = "Keep journeys with one of these values, as in channel=web-form,event. Several must all hold",
            CustomParser = result => [.. result.Tokens.Select(token => Read(result, token.Value, WaterfallQuestion.Filter)).OfType<DimensionFilter>()],
        };
        var journeys = Option<JourneySelection>(
            "--journeys", "first", "Which of a lead's journeys count: any, first, latest. Any unless given", WaterfallQuestion.Journeys);
        var output = new OutputOptions();
        var gateway = new GatewayOptions();
        var command = new Command("waterfall", "Show the waterfall: volumes, conversion, velocity")
        {
            asOf,
            knownAt,
            horizons,
            curve,
            by,
            cohortBy,
            from,
            to,
            filters,
            journeys,
        };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new GetWaterfallRequest
            {
                AsOf = parsed.GetValue(asOf),
                KnownAt = parsed.GetValue(knownAt),
                StartTime = parsed.GetValue(from),
                EndTime = parsed.GetValue(to),
                CohortBy = parsed.GetValue(cohortBy),
                Journeys = parsed.GetValue(journeys),
                Filters = { parsed.GetValue(filters) ?? [] },
                Horizons = { parsed.GetValue(horizons) is { Length: > 0 } given ? given : [.. WaterfallQuestion.Durations("7d,30d,90d")] },
                CurveTimes = { parsed.GetValue(curve) ?? [] },
            };
            if (parsed.GetValue(by) is { } groups)
            {
                request.GroupByPeriod = groups.Period;
                request.GroupBy.Add(groups.Dimensions);
            }

            using var opened = gateway.Open(parsed, checkout);
            try
            {
                var answer = await new MetricsService.MetricsServiceClient(opened.Channel)
                    .GetWaterfallAsync(request, opened.Options(Patience, cancellationToken));
                output.Print(parsed, terminal, answer, waterfall => WaterfallTable.ToLines(
                    waterfall, opened.Tenant, isOfNow: request.AsOf is null && request.KnownAt is null, terminal.IsTerminal ? LongestName : int.MaxValue));
                return ExitCodes.Done;
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                var failed = opened.Explain(exception);
                throw new CommandFailedException(Options.Aggregate(failed.Message, (text, option) => text.Replace(option.Field, option.Name)), failed.ExitCode);
            }
        });
        return command;
    }

    static Option<T> Option<T>(string name, string example, string description, Func<string, T> read) =>
        new(name) { HelpName = example, Description = description, CustomParser = result => Read(result, result.Tokens[0].Value, read) };

    /// <summary>What an option was given; a wrong one becomes an error of the command line.</summary>
    public static T? Read<T>(System.CommandLine.Parsing.ArgumentResult result, string text, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (FormatException exception)
        {
            result.AddError($"{((System.CommandLine.Parsing.OptionResult)result.Parent!).Option.Name} takes {exception.Message}");
            return default;
        }
    }
}
