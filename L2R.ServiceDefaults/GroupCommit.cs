using System.Diagnostics;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>Stores what many callers bring at once in few transactions, each of one tenant.</summary>
/// <remarks>
/// While one group is being stored, the next one gathers: a lone caller waits for nobody, and under load a transaction, its flush to
/// disk and its events cost one of many. After a group of several the next one waits a moment longer: their callers, answered just
/// now, come again, and would else be half of the groups that they could be. One bad item doesn't fail its neighbours: a group that fails is stored item by item,
/// unless it is the database that is away.
/// </remarks>
/// <param name="groupsAtOnce">1 or more: groups in the database at the same time.</param>
/// <param name="largestGroup">The weight of a group of several items, 1 or more.</param>
/// <param name="store">Stores all items or none. Its results are in their order.</param>
/// <param name="gathers">Whether a group waits 2 ms after one of several.</param>
/// <param name="weight">How much of a group an item takes, 0 or more; null: each takes 1.</param>
public sealed class GroupCommit<TItem, TResult>(
    int groupsAtOnce, int largestGroup, Func<string, IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> store, bool gathers = false, Func<TItem, int>? weight = null)
{
    const int AloneAtOnce = 8;

    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(2);

    readonly Lock _gate = new();
    readonly LinkedList<Waiting> _waiting = [];
    int _running;

    /// <summary>Stores an item in the next group of its tenant.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up. The item may be stored all the same, as when an answer is lost.</exception>
    public Task<TResult> StoreAsync(string tenant, TItem item, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(tenant, item, Activity.Current, cancellationToken);
        lock (_gate)
        {
            _waiting.AddLast(waiting);
            if (_running < groupsAtOnce)
            {
                _running++;
                _ = Task.Run(StoreGroupsAsync, CancellationToken.None);
            }
        }
        return waiting.Result.Task.WaitAsync(cancellationToken);
    }

    async Task StoreGroupsAsync()
    {
        while (TakeGroup() is { Count: > 0 } group)
        {
            await StoreGroupAsync(group);
            if (gathers && group.Count > 1)
            {
                await Task.Delay(Gathering);
            }
        }
    }

    List<Waiting> TakeGroup()
    {
        lock (_gate)
        {
            var (group, room) = (new List<Waiting>(), largestGroup);
            for (var node = _waiting.First; node is not null && room > 0;)
            {
                var (waiting, next) = (node.Value, node.Next);
                if (waiting.CancellationToken.IsCancellationRequested)
                {
                    _waiting.Remove(node);
                }
                else if (group.Count == 0 || group[0].Tenant == waiting.Tenant)
                {
                    room -= weight?.Invoke(waiting.Item) ?? 1;
                    if (group.Count > 0 && room < 0)
                    {
                        break; // the next group begins with it: who comes first is stored first
                    }
                    _waiting.Remove(node);
                    group.Add(waiting);
                }
                node = next;
            }
            if (group.Count == 0)
            {
                _running--;
            }
            return group;
        }
    }

    async Task StoreGroupAsync(List<Waiting> group)
    {
        // The group goes on in the trace of the one who opened it.
        Activity.Current = group[0].Activity;
        try
        {
            var results = await store(group[0].Tenant, [.. group.Select(waiting => waiting.Item)]);
            foreach (var (waiting, result) in group.Zip(results))
            {
                waiting.Result.TrySetResult(result);
            }
        }
        catch (Exception exception) when (group.Count > 1 && exception is not NpgsqlException { IsTransient: true })
        {
            // Several at once: where many callers bring what is known already, most groups end here.
            await Parallel.ForEachAsync(
                group, new ParallelOptions { MaxDegreeOfParallelism = AloneAtOnce }, async (waiting, _) => await StoreGroupAsync([waiting]));
        }
        catch (Exception exception)
        {
            group.ForEach(waiting => waiting.Result.TrySetException(exception));
        }
    }

    sealed record Waiting(string Tenant, TItem Item, Activity? Activity, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<TResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
