using System.CommandLine;
using L2R.Cli.Checks;

namespace L2R.Cli.Commands;

/// <summary><c>l2r release-contracts</c>: what the protos say now is what callers may rely on.</summary>
static class ReleaseContractsCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command(
            "release-contracts", "Release the protos as they are: from then on the check refuses what would break their callers");
        command.SetAction(async (_, cancellationToken) =>
        {
            await NodeTools.InstallAsync(checkout, terminal, cancellationToken);
            terminal.Line(await ReleasedContracts.RenewAsync(checkout, cancellationToken)
                ? $"{checkout.Relative(checkout.ReleasedContracts)} is renewed: commit it with the protos"
                : "nothing new: these contracts are released");
            return ExitCodes.Done;
        });
        return command;
    }
}
