using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using L2R.Cli.Processes;

namespace L2R.Cli.Stack;

/// <summary>Says in a state folder that a process builds and starts the stack, from before there is anything else to see until it is ready.</summary>
/// <param name="StartTicks">Tells the process from a later one with its number.</param>
sealed record StackStart(int Pid, long StartTicks, DateTimeOffset Since)
{
    const string Name = "starting.json";

    /// <summary>Says it of this process, until the result is disposed of or the process ends.</summary>
    public static IDisposable Begin(StackFolder folder, TimeProvider clock)
    {
        Directory.CreateDirectory(folder.Path);
        var self = ProcessEntry.Find(Environment.ProcessId)!;
        var file = Path.Combine(folder.Path, Name);
        // In one step: a reader sees all of it or nothing.
        var draft = $"{file}.{self.Pid}";
        File.WriteAllText(draft, JsonSerializer.Serialize(new StackStart(self.Pid, self.StartTicks, clock.GetUtcNow()), StackStartJson.Default.StackStart));
        File.Move(draft, file, overwrite: true);
        return new Ending(file);
    }

    /// <summary>The start that is under way in a folder; null where there is none.</summary>
    public static StackStart? Find(StackFolder folder)
    {
        try
        {
            var start = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(folder.Path, Name)), StackStartJson.Default.StackStart);
            return start is not null && ProcessEntry.Find(start.Pid)?.StartTicks == start.StartTicks ? start : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"process {Pid} builds and starts it, since {Since.UtcDateTime:HH:mm:ss} UTC");

    sealed class Ending(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }
}

[JsonSerializable(typeof(StackStart))]
sealed partial class StackStartJson : JsonSerializerContext;
