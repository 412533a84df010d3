using System.CommandLine;
using Grpc.Core;
using L2R.Operations.V1;

namespace L2R.Cli.Stack;

/// <summary>The services of a stack, for who runs it: each answers for its own queues.</summary>
sealed class Operators
{
    static readonly string[] Services = ["intake", "scoring", "handoff", "opportunity", "metrics"];
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Option<string[]> _service = new("--service")
    {
        Description = "The grpc address of one service, several times: --service http://10.0.0.7:8081. Those of this checkout's stack unless given",
        DefaultValueFactory = _ => [],
    };

    readonly Option<string?> _token = new("--token")
    {
        Description = "A bearer token with the role operator. One of this checkout's development key unless given",
    };

    public void AddTo(Command command)
    {
        _service.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Gateway.IsAddress(token.Value)))
            {
                result.AddError($"--service is an address such as http://127.0.0.1:8081, not '{token.Value}'");
            }
        });
        command.Add(_service);
        command.Add(_token);
    }

    static string AddressOf(StackResource resource) => resource.Urls.GetValueOrDefault("grpc")
        ?? throw new CommandFailedException($"{resource.Name} has no address yet; ./l2r status says how the stack is.");

    /// <summary>Asks every service.</summary>
    /// <exception cref="CommandFailedException">One does not answer; the message says what to do.</exception>
    public async Task<IReadOnlyList<T>> AskAsync<T>(
        ParseResult parsed, Checkout checkout, Func<OperationsService.OperationsServiceClient, CallOptions, Task<T>> ask, CancellationToken cancellationToken)
    {
        var addresses = parsed.GetRequiredValue(_service);
        if (addresses.Length == 0)
        {
            var stack = new StackFolder(checkout.RunFolder).FindRunning()
                ?? throw new CommandFailedException("The stack is not up: ./l2r up starts it; --service names services that run elsewhere.");
            addresses = [.. stack.Resources.Where(resource => Services.Contains(resource.Name)).Select(AddressOf)];
        }
        return await Task.WhenAll(addresses.Select(AskOneAsync));

        async Task<T> AskOneAsync(string address)
        {
            using var door = Gateway.Open(checkout, address, parsed.GetValue(_token), "operators", "operator");
            try
            {
                return await ask(new OperationsService.OperationsServiceClient(door.Channel), door.Options(Patience, cancellationToken));
            }
            catch (RpcException exception) when (exception.StatusCode != StatusCode.Cancelled)
            {
                throw door.Explain(exception);
            }
        }
    }
}
