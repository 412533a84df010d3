using System.Collections.Concurrent;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;

namespace L2R.Cli.Simulation;

/// <summary>Plays new leads live, at a rate, each from now on and its own time squeezed.</summary>
/// <param name="rate">Leads that start in a second.</param>
/// <param name="speedUp">Seconds of the simulation that pass in one.</param>
sealed class LiveRun(Terminal terminal, SimulationOptions options, double rate, double speedUp, TimeProvider clock)
{
    const int Years = 10;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<Stage, long> _moves = new();
    readonly ConcurrentDictionary<string, long> _refusals = new();
    readonly string _run = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
    long _started;
    long _ended;

    string Source => $"simulation-live-{options.Seed}";

    /// <param name="count">How many leads; null: until <paramref name="stop"/>.</param>
    /// <returns>The exit code: failed where a service refused a call.</returns>
    /// <exception cref="CommandFailedException">The stack does not answer.</exception>
    public async Task<int> RunAsync(Gateway gateway, long? count, CancellationToken stop)
    {
        try
        {
            await new MetricsService.MetricsServiceClient(gateway.Channel).GetSettingsAsync(new(), gateway.Options(Patience, stop));
        }
        catch (RpcException exception) when (!stop.IsCancellationRequested)
        {
            throw gateway.Explain(exception);
        }
        var calls = new LiveCalls(gateway, clock, stop);
        terminal.Step(FormattableString.Invariant($"plays {(count is { } some ? Words.Counted(some, "lead") : "leads until Ctrl-C")}, {rate:0.##}/s, a day in {86_400 / speedUp:0.###} s; their source is {Source}"));
        await terminal.FollowAsync(() => State(calls), StartAllAsync(calls, count, stop), TimeSpan.FromSeconds(10));
        Report(calls);
        return stop.IsCancellationRequested ? ExitCodes.Interrupted : _refusals.IsEmpty ? ExitCodes.Done : ExitCodes.Failed;
    }

    async Task StartAllAsync(LiveCalls calls, long? count, CancellationToken stop)
    {
        var start = clock.GetUtcNow();
        var generator = new Generator(options);
        var playing = new List<Task>();
        for (var lead = 0L; lead < (count ?? long.MaxValue) && !stop.IsCancellationRequested; lead++)
        {
            var due = start.AddSeconds(lead / rate);
            await calls.WaitUntilAsync(due).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the loop sees the stop
            if (!stop.IsCancellationRequested)
            {
                _started++;
                playing.RemoveAll(played => played.IsCompleted);
                playing.Add(PlayAsync(calls, generator, lead, due, stop));
            }
        }
        await Task.WhenAll(playing);
    }

    async Task PlayAsync(LiveCalls calls, Generator generator, long lead, DateTimeOffset start, CancellationToken stop)
    {
        var played = new LiveLead(calls, $"{_run}-{lead}", Source, stage => _moves.AddOrUpdate(stage, 1, (_, moves) => moves + 1));
        try
        {
            await played.PlayAsync(
                generator.JourneysFrom(lead, start, start.AddYears(Years)), journey => generator.TouchesOf(journey), at => start + ((at - start) / speedUp));
            Interlocked.Increment(ref _ended);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && stop.IsCancellationRequested)
        {
            return; // stopped on its way
        }
        catch (RpcException exception)
        {
            _refusals.AddOrUpdate($"{exception.StatusCode}: {exception.Status.Detail}", 1, (_, refusals) => refusals + 1);
        }
    }

    WorkState State(LiveCalls calls) => new(
        FormattableString.Invariant($"{_started:#,0} leads started, {Interlocked.Read(ref _ended):#,0} at their end, {calls.Made:#,0} calls, {calls.Retried:#,0} tried again"), 0, 0, null);

    void Report(LiveCalls calls)
    {
        terminal.Line(State(calls).What);
        terminal.Table(["moved to", "times"], Stages.All.Where(_moves.ContainsKey).Select(stage => new[] { stage.Name(), FormattableString.Invariant($"{_moves[stage]:#,0}") }));
        foreach (var (why, times) in _refusals.OrderByDescending(refusal => refusal.Value).Take(10))
        {
            terminal.Line(FormattableString.Invariant($"{Words.Counted(times, "lead")} stopped by {why}"));
        }
    }
}
