using System.CommandLine;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary>The options that every question to Metrics has, and how it is asked and answered.</summary>
sealed class QuestionOptions
{
    // What the service calls the options. A name that holds another one comes before it.
    static readonly (string Field, string Name)[] Names =
    [
        ("baseline_known_at", "--reported-at"), ("baseline_as_of", "--reported-as-of"), ("group_by_period", "--by"), ("group_by", "--by"),
        ("goal_start_time", "--goal-from"), ("goal_end_time", "--goal-to"), ("before_start_time", "--before"), ("before_end_time", "--before"),
        ("after_start_time", "--after"), ("after_end_time", "--after"), ("won_amount", "--won"), ("won_count", "--wins"), ("max_segments", "--top"),
        ("start_time", "--from"), ("end_time", "--to"), ("as_of", "--as-of"), ("known_at", "--known-at"), ("top_value_count", "--top"),
        ("horizon_count", "--horizons"), ("max_rows", "--max-rows"), ("cohort_by", "--cohort-by"), ("credit_to", "--by"), ("half_life", "--half-life"),
        ("response_sla", "--sla"), ("win_probability", "--win-probability"),
    ];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    readonly OutputOptions _output = new();
    readonly GatewayOptions _gateway = new();

    public Option<Timestamp?> AsOf { get; } = Create<Timestamp?>(
        "--as-of", "INSTANT", "What happened later is left out: an instant with its offset, or a day. Now unless given", text => WaterfallQuestion.Instant(text));

    public Option<Timestamp?> KnownAt { get; } = Create<Timestamp?>(
        "--known-at", "INSTANT", "What the ledger learnt of later is left out. Now unless given", text => WaterfallQuestion.Instant(text));

    public Option<Timestamp?> From { get; } = Create<Timestamp?>(
        "--from", "INSTANT", "The first instant of the time in question", text => WaterfallQuestion.Instant(text));

    public Option<Timestamp?> To { get; } = Create<Timestamp?>("--to", "INSTANT", "The first instant after it", text => WaterfallQuestion.Instant(text));

    public Option<DimensionFilter[]?> Filters { get; } = new("--filter")
    {
        HelpName = "channel=event",
        Description = "Keep journeys with one of these values, as in channel=web-form,event. Several must all hold",
        CustomParser = result => [.. result.Tokens.Select(token => Read(result, token.Value, WaterfallQuestion.Filter)).OfType<DimensionFilter>()],
    };

    public Option<JourneySelection> Journeys { get; } = Create(
        "--journeys", "first", "Which of a lead's journeys count: any, first, latest. Any unless given", WaterfallQuestion.Journeys);

    /// <summary>Two stages, as in LEAD,MQL.</summary>
    public static Option<(Ledger.V1.Stage From, Ledger.V1.Stage To)?> Pair() => Create<(Ledger.V1.Stage, Ledger.V1.Stage)?>(
        "--pair", "LEAD,MQL", "Where the clock starts and where it stops. LEAD,CLOSED_WON unless given", text => StagePair.Read(text));

    public static Option<T> Create<T>(string name, string example, string description, Func<string, T> read) =>
        new(name) { HelpName = example, Description = description, CustomParser = result => Read(result, result.Tokens[0].Value, read) };

    /// <summary>One duration, as in 30d.</summary>
    public static Option<Duration?> OneDuration(string name, string example, string description) => Create<Duration?>(
        name, example, description,
        text => WaterfallQuestion.Durations(text).ToList() is [var one] ? one : throw new FormatException($"one duration, as in {example}; not '{text}'"));

    public static Option<Duration?> Horizon(string description) => OneDuration("--horizon", "30d", description);

    /// <param name="takesTime">Whether the question is about a time.</param>
    /// <param name="hasFilters">False where the question takes none.</param>
    /// <param name="hasJourneys">As <paramref name="hasFilters"/>, of the selection of journeys.</param>
    public Command AddTo(Command command, bool takesTime = true, bool hasFilters = true, bool hasJourneys = true)
    {
        List<System.CommandLine.Option> options = [AsOf, KnownAt, From, To, Filters, Journeys];
        options.RemoveAll(option => (!takesTime && (option == From || option == To)) || (!hasFilters && option == Filters) || (!hasJourneys && option == Journeys));
        foreach (var option in options)
        {
            command.Add(option);
        }
        _output.AddTo(command);
        _gateway.AddTo(command);
        return command;
    }

    /// <summary>Asks, and prints the answer as a table, as JSON or as CSV.</summary>
    public async Task<int> AskAsync<T>(
        ParseResult parsed,
        Checkout checkout,
        Terminal terminal,
        Func<MetricsService.MetricsServiceClient, CallOptions, AsyncUnaryCall<T>> ask,
        Func<T, IEnumerable<string>> toLines,
        CancellationToken cancellationToken)
        where T : IMessage
    {
        using var opened = _gateway.Open(parsed, checkout);
        try
        {
            var answer = await ask(new MetricsService.MetricsServiceClient(opened.Channel), opened.Options(Patience, cancellationToken));
            _output.Print(parsed, terminal, answer, toLines);
            return ExitCodes.Done;
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Explain(opened, exception);
        }
    }

    /// <summary>A failed call as a sentence that names options, not fields.</summary>
    public static CommandFailedException Explain(Gateway opened, RpcException exception)
    {
        var failed = opened.Explain(exception);
        return new(Names.Aggregate(failed.Message, (text, option) => text.Replace(option.Field, option.Name)), failed.ExitCode);
    }

    static T? Read<T>(System.CommandLine.Parsing.ArgumentResult result, string text, Func<string, T> read)
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
