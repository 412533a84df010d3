using System.Collections.Concurrent;
using L2R.TestSupport;
using Npgsql;

namespace L2R.ServiceDefaults.Tests;

public sealed class GroupCommitTests
{
    readonly ConcurrentQueue<string> _stored = new();
    readonly TaskCompletionSource _firstGoesOn = new();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    Task FirstIsBeingStoredAsync() => Eventually.EqualAsync(1, () => Task.FromResult(_stored.Count));

    /// <summary>The first group waits for <see cref="_firstGoesOn"/>, so that the others gather; "bad" fails whatever it is in.</summary>
    GroupCommit<string, string> Groups(int largest = 10) => new(groupsAtOnce: 1, largest, async (tenant, items) =>
    {
        _stored.Enqueue($"{tenant}: {string.Join(' ', items)}");
        if (_stored.Count == 1)
        {
            await _firstGoesOn.Task;
        }
        return items.Contains("bad")
            ? throw new PostgresException("refused", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation)
            : [.. items.Select(item => item.ToUpperInvariant())];
    });

    [Fact]
    public async Task Those_that_come_while_one_is_stored_are_stored_together_by_tenant()
    {
        var groups = Groups(largest: 3);
        var first = groups.StoreAsync("acme", "a", Cancelled);
        await FirstIsBeingStoredAsync();

        var others = new[] { ("acme", "b"), ("zeta", "c"), ("acme", "d"), ("acme", "e"), ("acme", "f"), ("zeta", "g") }
            .Select(each => groups.StoreAsync(each.Item1, each.Item2, Cancelled)).ToList();
        _firstGoesOn.SetResult();

        Assert.Equal("A", await first);
        Assert.Equal(["B", "C", "D", "E", "F", "G"], await Task.WhenAll(others));
        Assert.Equal(["acme: a", "acme: b d e", "zeta: c g", "acme: f"], _stored);
    }

    [Fact]
    public async Task A_group_is_as_heavy_as_it_may_be_and_no_lighter_one_overtakes()
    {
        var (stored, goOn) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
        var groups = new GroupCommit<int, int>(groupsAtOnce: 1, largestGroup: 10, async (_, items) =>
        {
            stored.Enqueue(string.Join(' ', items));
            await goOn.Task;
            return items;
        }, weight: item => item);
        var first = groups.StoreAsync("acme", 25, Cancelled);
        await Eventually.EqualAsync(1, () => Task.FromResult(stored.Count));
        var others = new[] { 4, 5, 6, 1, 12, 3 }.Select(weight => groups.StoreAsync("acme", weight, Cancelled)).ToList();
        goOn.SetResult();

        await Task.WhenAll([first, .. others]);
        Assert.Equal(["25", "4 5", "6 1", "12", "3"], stored);
    }

    [Fact]
    public async Task A_bad_one_fails_alone()
    {
        var groups = Groups();
        var first = groups.StoreAsync("acme", "a", Cancelled);
        await FirstIsBeingStoredAsync();

        var (good, bad) = (groups.StoreAsync("acme", "b", Cancelled), groups.StoreAsync("acme", "bad", Cancelled));
        _firstGoesOn.SetResult();

        await first;
        Assert.Equal("B", await good);
        await Assert.ThrowsAsync<PostgresException>(() => bad);
        Assert.Equal(["acme: a", "acme: b bad"], _stored.Take(2));
        Assert.Equal(["acme: b", "acme: bad"], _stored.Skip(2).Order(StringComparer.Ordinal));
        Assert.Equal("C", await groups.StoreAsync("acme", "c", Cancelled));
    }

    [Fact]
    public async Task Who_gives_up_while_waiting_is_not_stored()
    {
        var groups = Groups();
        var first = groups.StoreAsync("acme", "a", Cancelled);
        await FirstIsBeingStoredAsync();

        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var gone = groups.StoreAsync("acme", "b", caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        var next = groups.StoreAsync("acme", "c", Cancelled);
        _firstGoesOn.SetResult();

        Assert.Equal(["A", "C"], await Task.WhenAll(first, next));
        Assert.Equal(["acme: a", "acme: c"], _stored);
    }
}
