using System.Runtime.InteropServices;
using L2R.Cli;

using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext signal)
{
    signal.Cancel = true; // we end by ourselves, when everything that we started has stopped
    if (!interrupted.IsCancellationRequested)
    {
        Console.Error.WriteLine("l2r: stopping");
        interrupted.Cancel();
    }
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);

return await CommandLine.RunAsync(args, Checkout.Find(), Terminal.Standard, Console.Error, interrupted.Token);
