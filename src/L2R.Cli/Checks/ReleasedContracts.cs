using L2R.Cli.Processes;

namespace L2R.Cli.Checks;

/// <summary>The contracts as callers have them: the image of the protos at their last release. From then on they only grow.</summary>
static class ReleasedContracts
{
    /// <summary>The check that nothing callers rely on is gone or changed; null where nothing was released yet.</summary>
    public static string[]? Check(Checkout checkout) =>
        File.Exists(checkout.ReleasedContracts)
            ? [NodeTools.Buf(checkout), "breaking", checkout.Protos, "--against", checkout.ReleasedContracts]
            : null;

    /// <summary>Makes the protos as they are now the released contracts, where they only grew.</summary>
    /// <returns>False when they are released already, and nothing was written.</returns>
    public static async Task<bool> RenewAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        if (Check(checkout) is { } check)
        {
            await GuardedProcess.RequireAsync(
                check, checkout.Root, "the contracts would break callers of the released ones; keep what is there and add beside it", cancellationToken);
        }

        // Without comments: the image changes when the contracts do, and only then.
        var renewed = checkout.ReleasedContracts + ".new.binpb";
        try
        {
            await GuardedProcess.RequireAsync(
                [NodeTools.Buf(checkout), "build", checkout.Protos, "--exclude-source-info", "-o", renewed],
                checkout.Root,
                "the contracts do not compile",
                cancellationToken);
            if (File.Exists(checkout.ReleasedContracts)
                && File.ReadAllBytes(renewed).AsSpan().SequenceEqual(File.ReadAllBytes(checkout.ReleasedContracts)))
            {
                return false;
            }

            File.Move(renewed, checkout.ReleasedContracts, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(renewed);
        }
    }
}
