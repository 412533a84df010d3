namespace L2R.Cli;

/// <summary>What every command answers to its caller. Scripts rely on these.</summary>
static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    /// <summary>Some rows of an import were rejected; the others are in.</summary>
    public const int Rejects = 3;
    /// <summary>Something that this machine lacks is needed (EX_UNAVAILABLE).</summary>
    public const int Unavailable = 69;
    /// <summary>Ended by Ctrl-C, SIGTERM or a closed terminal, after everything that was started has stopped.</summary>
    public const int Interrupted = 130;
}
