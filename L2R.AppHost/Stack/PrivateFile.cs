namespace L2R.AppHost.Stack;

/// <summary>Files that hold secrets.</summary>
static class PrivateFile
{
    /// <summary>Replaces the file in one step: a reader sees the old text or the new one, and nobody else sees either.</summary>
    public static void Write(string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var draft = $"{path}.new";
        File.Delete(draft); // its mode may be another
        using (var stream = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
        }
        File.Move(draft, path, overwrite: true);
    }
}
