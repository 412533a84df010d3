using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary>The options of commands that call services.</summary>
sealed class GatewayOptions
{
    readonly Option<string> _tenant = new("--tenant") { Description = "Whose data", DefaultValueFactory = _ => "demo" };

    readonly Option<string?> _gateway = new("--gateway")
    {
        Description = "The address of the gateway's grpc endpoint. The stack of this checkout unless given",
    };

    readonly Option<string?> _token = new("--token")
    {
        Description = "A bearer token, whose tenant then counts. One of this checkout's development key unless given",
    };

    public void AddTo(Command command)
    {
        command.Add(_tenant);
        command.Add(_gateway);
        command.Add(_token);
    }

    public string Tenant(ParseResult parsed) => parsed.GetRequiredValue(_tenant);

    public Gateway Open(ParseResult parsed, Checkout checkout) =>
        Gateway.Open(checkout, parsed.GetValue(_gateway), parsed.GetValue(_token), Tenant(parsed));
}
