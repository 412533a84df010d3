using L2R.Cli.Stack;

namespace L2R.Cli.Imports;

/// <summary>Sends one plan after the other under one import id, and waits until the ledger has all of them.</summary>
/// <param name="source">The system that the history comes from.</param>
/// <param name="say">Told what a person should know while it runs.</param>
sealed class ImportSession(Gateway gateway, string importId, string source, Action<string> say, TimeProvider clock)
{
    readonly LedgerCounts _ledger = new(gateway, clock);
    readonly long[] _wanted = new long[Ledger.Domain.Stages.All.Count];
    LedgerProof? _proof;
    ImportPlan? _plan;
    long _before;
    long _stored;
    long _there;
    long _start;

    /// <summary>How far the wait is.</summary>
    public WorkState Waiting
    {
        get
        {
            var there = Math.Max(Interlocked.Read(ref _there), (long)((_proof?.Share ?? 0) * _wanted.Sum()));
            return new("rows in the ledger", there, _wanted.Sum(), there / clock.GetElapsedTime(_start).TotalSeconds);
        }
    }

    /// <summary>Finds out what the ledger has before anything is sent.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        _before = (await _ledger.ReadFirstAsync(stop)).Sum();
        _proof = gateway.Tenant is { } tenant ? new LedgerProof(gateway, tenant, line => _plan!.IsEntry(line), say, clock) : null;
        _start = clock.GetTimestamp();
    }

    public ImportRun Start(ImportPlan plan)
    {
        _plan = plan;
        return new ImportRun(gateway, plan, say, clock) { OnAck = (batch, ack) => _proof?.Add(batch, ack) };
    }

    /// <summary>Sends a plan; the one before it has ended.</summary>
    /// <param name="run">From <see cref="Start"/>.</param>
    /// <param name="stop">Ends it after the batches that are on their way.</param>
    public async Task SendAsync(ImportRun run, bool correct, int batchSize, CancellationToken stop)
    {
        try
        {
            await run.RunAsync(importId, source, correct, batchSize, stop);
        }
        catch (CommandFailedException failed)
        {
            throw new CommandFailedException($"{failed.Message} {run.State with { PerSecond = null }}; what is in stays in.");
        }
        foreach (var (stage, count) in _plan!.CountEntries(run.Rejects).Index())
        {
            _wanted[stage] += count;
        }
        _stored += run.Stored;
    }

    /// <summary>Waits until the ledger has what was sent: the very rows, where the token's tenant is known, and as many as there must be.</summary>
    /// <remarks>The rows first: to count, the ledger reads all that the tenant has.</remarks>
    /// <returns>False when nothing has arrived for 3 minutes.</returns>
    public async Task<bool> WaitAsync(CancellationToken stop) =>
        (_proof is null || await _proof.WaitAsync(stop))
        && await _ledger.WaitAsync(
            _wanted, wantedInAll: _before + Math.Min(_stored, _wanted.Sum()), count => Interlocked.Exchange(ref _there, count), stop);
}
