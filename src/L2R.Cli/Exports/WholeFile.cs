namespace L2R.Cli.Exports;

/// <summary>A file that is complete or not there: written beside its place, under a name of its own, and put there at the end.</summary>
sealed class WholeFile : IAsyncDisposable
{
    const int Buffer = 128 * 1024;

    readonly string _path;
    readonly string _beside;

    WholeFile(string path, string beside, FileStream stream)
    {
        (_path, _beside, Stream) = (path, beside, stream);
    }

    public FileStream Stream { get; }

    /// <exception cref="IOException">The folder takes no file; so may <see cref="UnauthorizedAccessException"/> say.</exception>
    public static WholeFile Create(string path)
    {
        var whole = Path.GetFullPath(path);
        if (Directory.Exists(whole))
        {
            throw new IOException($"'{path}' is a folder.");
        }
        var beside = $"{whole}.{Guid.NewGuid():N}.part";
        return new(whole, beside, new FileStream(beside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, Buffer));
    }

    /// <summary>Puts the file into its place, over an older one.</summary>
    public async Task FinishAsync()
    {
        Stream.Flush(flushToDisk: true);
        await Stream.DisposeAsync();
        File.Move(_beside, _path, overwrite: true);
    }

    /// <summary>Deletes what is not finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        File.Delete(_beside);
    }
}
