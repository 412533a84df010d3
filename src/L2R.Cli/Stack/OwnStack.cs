namespace L2R.Cli.Stack;

/// <summary>A stack for one piece of work: started without any data; stopped, and its data dropped, when the work ends, however it ends.</summary>
sealed class OwnStack(Checkout checkout, StackFolder folder, AppHost appHost)
{
    public OwnStack(Checkout checkout, StackFolder folder)
        : this(checkout, folder, new AppHost(checkout, folder))
    {
    }

    /// <param name="arguments">Of the AppHost.</param>
    /// <exception cref="CommandFailedException">Another one runs in the folder, or this one ended before the work did.</exception>
    public async Task RunAsync(
        IReadOnlyList<string> arguments, Func<StackState, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (folder.FindRunning() is { } running)
        {
            throw new CommandFailedException($"The same already runs in this checkout (process {running.Pid}, {checkout.Relative(folder.Path)}).");
        }

        folder.Drop(); // no database or queue of an earlier run may matter
        var ended = false;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var exitCode = await appHost.RunAsync(
                arguments,
                onLine: _ => { }, // kept in its log
                async (ready, cancelled) =>
                {
                    await work(ready, cancelled);
                    ended = true;
                    await done.CancelAsync();
                },
                done.Token);
            throw appHost.EndedEarly("The stack ended.", exitCode);
        }
        catch (OperationCanceledException) when (ended && !cancellationToken.IsCancellationRequested)
        {
            // The work is done, and everything has stopped.
        }
        finally
        {
            folder.DropData();
        }
    }
}
