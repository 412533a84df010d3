using System.Diagnostics;
using L2R.Cli.Bench;

namespace L2R.Cli.Tests;

public sealed class MachineTests : IDisposable
{
    // Two processes of one program share nearly all that they have in memory.
    readonly Process _parent = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 600 & sleep 600 & wait"]))!;

    public void Dispose()
    {
        _parent.Kill(entireProcessTree: true);
        _parent.Dispose();
    }

    [Fact]
    public async Task Memory_is_of_a_process_and_its_descendants_and_what_they_share_counts_once()
    {
        IReadOnlyList<Processes.ProcessEntry> tree;
        while ((tree = Processes.ProcessEntry.Tree(_parent.Id)).Count(process => process.Name == "sleep") < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var resident = tree.Sum(process =>
        {
            using var one = Process.GetProcessById(process.Pid);
            return one.WorkingSet64;
        });

        Assert.InRange(Machine.MemoryOfOne(_parent.Id), 1, Machine.MemoryOf(_parent.Id) - 1);
        Assert.InRange(Machine.MemoryOf(_parent.Id), 1, resident * 3 / 4);
    }
}
