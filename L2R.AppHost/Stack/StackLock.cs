namespace L2R.AppHost.Stack;

/// <summary>Held while a stack runs on a state folder. The kernel lets go of it however the process ends.</summary>
static class StackLock
{
    /// <returns>Null when another process holds it.</returns>
    public static FileStream? TryTake(string stateDirectory)
    {
        Directory.CreateDirectory(stateDirectory);
        try
        {
            return new(Path.Combine(stateDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
