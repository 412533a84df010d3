using System.CommandLine;
using L2R.Cli.Stack;
using L2R.Cli.Tokens;

namespace L2R.Cli.Commands;

/// <summary><c>l2r env</c>: what a program needs to call the stack of this checkout and to hear its events.</summary>
static class EnvCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var tenant = TenantOption.Create("Whose data the token opens");
        tenant.DefaultValueFactory = _ => "demo";
        var command = new Command("env", "Print addresses and secrets of the stack of this checkout for a shell: eval \"$(./l2r env)\"") { tenant };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(tenant), checkout, terminal));
        return command;
    }

    static int Run(string tenant, Checkout checkout, Terminal terminal)
    {
        if (new StackFolder(checkout.RunFolder).FindRunning() is not { Ready: true } state)
        {
            throw new CommandFailedException("The stack is not ready: ./l2r up starts it, ./l2r status says how it is.");
        }

        var token = DevToken.IssueForCheckout(checkout, tenant, ["revops"], "dev", TimeSpan.FromHours(12), TimeProvider.System);
        terminal.Line($"export L2R_GATEWAY='{state.GatewayUrls["grpc"]}'");
        terminal.Line($"export L2R_RABBITMQ='{state.Connections["rabbitmq"]}'");
        terminal.Line($"export L2R_TENANT='{tenant}'");
        terminal.Line($"export L2R_TOKEN='{token}'");
        return ExitCodes.Done;
    }
}
