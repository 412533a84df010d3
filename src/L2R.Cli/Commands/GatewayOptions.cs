using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary>The options of commands that call services.</summary>
sealed class GatewayOptions
{
    readonly Option<string> _tenant;

    readonly Option<string?> _gateway = new("--gateway")
    {
        HelpName = "http://HOST:PORT",
        Description = "The address of the gateway's grpc endpoint. The stack of this checkout unless given",
    };

    readonly Option<string?> _token = new("--token")
    {
        HelpName = "JWT",
        Description = "A bearer token, whose tenant then counts. One of this checkout's development key unless given",
    };

    /// <param name="tenant">Unless given on the command line. Null: the command knows which when it opens the gateway.</param>
    /// <param name="whose">What the help says of the tenant.</param>
    public GatewayOptions(string? tenant = "demo", string whose = "Whose data")
    {
        _tenant = TenantOption.Create(whose);
        if (tenant is not null)
        {
            _tenant.DefaultValueFactory = _ => tenant;
        }
        _gateway.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Gateway.IsAddress(token.Value))
            {
                result.AddError($"--gateway is an address such as http://127.0.0.1:8081, not '{token.Value}'");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_tenant);
        command.Add(_gateway);
        command.Add(_token);
    }

    public string Tenant(ParseResult parsed) => parsed.GetRequiredValue(_tenant);

    public Gateway Open(ParseResult parsed, Checkout checkout) => Open(parsed, checkout, Tenant(parsed));

    /// <param name="tenant">Unless given on the command line.</param>
    public Gateway Open(ParseResult parsed, Checkout checkout, string tenant) =>
        Gateway.Open(checkout, parsed.GetValue(_gateway), parsed.GetValue(_token), parsed.GetValue(_tenant) ?? tenant);
}
