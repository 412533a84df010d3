namespace L2R.Cli;

/// <summary>Ends a command with a sentence for the person who typed it, and an exit code of <see cref="ExitCodes"/>.</summary>
sealed class CommandFailedException(string sentence, int exitCode = ExitCodes.Failed) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
