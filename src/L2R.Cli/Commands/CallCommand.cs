using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Metrics.V1;
using L2R.Opportunity.V1;
using L2R.Rpc;
using L2R.Scoring.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r call</c>: one rpc, request and answer as JSON. A gRPC client for machines that have no other.</summary>
static class CallCommand
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    // A stream is more than a request and an answer; ./l2r import has the only ones.
    static readonly MethodDescriptor[] Rpcs =
    [
        .. new[]
        {
            IntakeServiceReflection.Descriptor, ScoringServiceReflection.Descriptor, HandoffServiceReflection.Descriptor,
            OpportunityServiceReflection.Descriptor, MetricsServiceReflection.Descriptor,
        }.SelectMany(file => file.Services).SelectMany(service => service.Methods).Where(rpc => rpc is { IsClientStreaming: false, IsServerStreaming: false }),
    ];

    static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default
        .WithTypeRegistry(TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor)));

    // Protobuf's own indentation loses its way in the details of an error.
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Below the help: what can be called.</summary>
    public static string More() => $"""
        Calls:
        {string.Join(Environment.NewLine, Rpcs.Select(rpc => $"  {NameOf(rpc)}"))}

        The folder protos describes each with its fields, docs/errors.md what a refusal says.
        """;

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var rpc = new Argument<string>("rpc") { Description = "Service and method, as in IntakeService/CreateLead" };
        var request = new Argument<string>("request") { Description = "The request as JSON; {} unless given", DefaultValueFactory = _ => "{}" };
        var gateway = new GatewayOptions();
        var command = new Command("call", "Call one method of the gateway: the request and the answer are JSON") { rpc, request };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var called = Find(parsed.GetRequiredValue(rpc));
            var message = Read(parsed.GetRequiredValue(request), called.InputType);
            using var opened = gateway.Open(parsed, checkout);
            terminal.Line(Write(await CallAsync(called, message, opened, cancellationToken)));
            return ExitCodes.Done;
        });
        return command;
    }

    static string NameOf(MethodDescriptor rpc) => $"{rpc.Service.Name}/{rpc.Name}";

    // The full name too, as other clients take it: l2r.intake.v1.IntakeService/CreateLead.
    static MethodDescriptor Find(string name)
    {
        if (Rpcs.FirstOrDefault(rpc => name == NameOf(rpc) || name == $"{rpc.Service.FullName}/{rpc.Name}") is { } found)
        {
            return found;
        }
        var meant = Words.Nearest(name, Rpcs.Select(NameOf)) is { } near ? $"Did you mean {near}?" : "./l2r call --help lists what can be called.";
        throw new CommandFailedException($"There is no call '{name}'. {meant}", ExitCodes.Usage);
    }

    static IMessage Read(string json, MessageDescriptor type)
    {
        try
        {
            return JsonParser.Default.Parse(json, type);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new CommandFailedException($"The request is no {type.Name} in JSON: {exception.Message}", ExitCodes.Usage);
        }
    }

    static string Write(IMessage message) => JsonNode.Parse(Json.Format(message))!.ToJsonString(Indented);

    static async Task<IMessage> CallAsync(MethodDescriptor rpc, IMessage request, Gateway gateway, CancellationToken cancellationToken)
    {
        var method = new Method<IMessage, IMessage>(
            MethodType.Unary,
            rpc.Service.FullName,
            rpc.Name,
            Marshallers.Create<IMessage>(message => message.ToByteArray(), rpc.InputType.Parser.ParseFrom),
            Marshallers.Create<IMessage>(message => message.ToByteArray(), rpc.OutputType.Parser.ParseFrom));
        try
        {
            return await gateway.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, gateway.Options(Patience, cancellationToken), request);
        }
        catch (RpcException refused) when (refused.Trailers.GetValueBytes("grpc-status-details-bin") is { } details)
        {
            throw new CommandFailedException(
                $"{gateway.Address} answers {refused.StatusCode}:{Environment.NewLine}{Write(L2R.Rpc.Status.Parser.ParseFrom(details))}");
        }
        catch (RpcException failed) when (!cancellationToken.IsCancellationRequested)
        {
            throw gateway.Explain(failed);
        }
    }
}
