namespace L2R.Cli.Tests;

/// <summary>An empty checkout in a temporary folder.</summary>
sealed class TempCheckout : IDisposable
{
    public Checkout Checkout { get; } = new(Directory.CreateTempSubdirectory("l2r-cli-").FullName);

    public StringWriter Output { get; } = new();

    public StringWriter Errors { get; } = new();

    public Terminal Terminal => new(Output, isTerminal: false);

    /// <summary>Runs a command line in it.</summary>
    public Task<int> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs a command line in it that Ctrl-C may stop.</summary>
    public Task<int> RunAsync(CancellationToken interrupted, params string[] arguments) =>
        CommandLine.RunAsync(arguments, Checkout, Terminal, Errors, interrupted);

    public string Write(string path, string text)
    {
        var file = Path.Combine(Checkout.Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Checkout.Root, recursive: true);
}
