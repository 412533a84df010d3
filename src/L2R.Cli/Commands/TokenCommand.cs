using System.CommandLine;
using L2R.Cli.Tokens;

namespace L2R.Cli.Commands;

/// <summary><c>l2r token</c>: a bearer token for the stack of this checkout.</summary>
static class TokenCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var tenant = TenantOption.Create("Whose data the caller sees");
        tenant.Required = true;
        var roles = new Option<string[]>("--role")
        {
            Description = "What the caller may do; several: --role sales --role revops",
            Required = true,
        };
        roles.AcceptOnlyFromAmong(DevToken.Roles);
        var subject = new Option<string>("--subject") { HelpName = "SUB", Description = "Who the caller is", DefaultValueFactory = _ => "dev" };
        var expires = new Option<TimeSpan?>("--expires")
        {
            HelpName = "12h",
            Description = "How long it is valid: a whole number and a unit, as in 30m, 12h, 7d. 12h unless given",
            CustomParser = result =>
            {
                if (DevToken.TryParseLifetime(result.Tokens[0].Value, out var lifetime))
                {
                    return lifetime;
                }

                result.AddError($"--expires is a whole number and a unit (s, m, h, d), as in 30m, 12h, 7d; not '{result.Tokens[0].Value}'");
                return null;
            },
        };
        var command = new Command("token", "Print a bearer token for the stack of this checkout, signed with its development key")
        {
            tenant,
            roles,
            subject,
            expires,
        };
        command.SetAction(parsed =>
        {
            terminal.Line(DevToken.IssueForCheckout(
                checkout,
                parsed.GetRequiredValue(tenant),
                parsed.GetRequiredValue(roles),
                parsed.GetRequiredValue(subject),
                parsed.GetValue(expires) ?? TimeSpan.FromHours(12),
                TimeProvider.System));
            return ExitCodes.Done;
        });
        return command;
    }
}
