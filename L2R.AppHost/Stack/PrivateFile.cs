using System.Runtime.InteropServices;

namespace L2R.AppHost.Stack;

/// <summary>Files that hold secrets.</summary>
static class PrivateFile
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces the file in one step: a reader sees the old text or the new one, and nobody else sees either.</summary>
    public static void Write(string path, string text, UnixFileMode mode = OwnerOnly) => File.Move(Draft(path, text, mode), path, overwrite: true);

    /// <summary>Does nothing when the file is there, even when another process makes it at this moment.</summary>
    public static void WriteOnce(string path, string text)
    {
        var draft = Draft(path, text, OwnerOnly);
        // File.Move looks first and moves then: of two processes the second would replace what the first has read already.
        var isLinked = Link(draft, path) == 0;
        File.Delete(draft);
        if (!isLinked && !File.Exists(path))
        {
            throw new IOException($"Could not write {path}.");
        }
    }

    static string Draft(string path, string text, UnixFileMode mode)
    {
        var draft = $"{path}.{Path.GetRandomFileName()}"; // others may write it at this moment
        using var stream = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        });
        using var writer = new StreamWriter(stream);
        writer.Write(text);
        return draft;
    }

    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    static extern int Link(string existing, string added);
}
