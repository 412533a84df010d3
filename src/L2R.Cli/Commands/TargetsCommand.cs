using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r targets</c>: what the pairs of stages aim at.</summary>
static class TargetsCommand
{
    const int PageSize = 1000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var at = new Option<Timestamp?>("--at")
        {
            HelpName = "INSTANT",
            Description = "Only those in force at this instant, with its offset, or at the beginning of this day. All of them unless given",
            CustomParser = result => WaterfallCommand.Read(result, result.Tokens[0].Value, WaterfallQuestion.Instant),
        };
        var output = new OutputOptions("Print each target as JSON, one a line, with its name");
        var gateway = new GatewayOptions();
        var command = new Command("targets", "List the targets; ./l2r call MetricsService/CreateTarget and its sisters change them") { DiagnosisCommands.SuggestTargets(checkout, terminal), at };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var client = new MetricsService.MetricsServiceClient(opened.Channel);
            var targets = new List<Target>();
            var request = new ListTargetsRequest { PageSize = PageSize, InForceAt = parsed.GetValue(at) };
            try
            {
                do
                {
                    var page = await client.ListTargetsAsync(request, opened.Options(Patience, cancellationToken));
                    targets.AddRange(page.Targets);
                    request.PageToken = page.NextPageToken;
                }
                while (request.PageToken.Length > 0);
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw opened.Explain(exception);
            }
            output.PrintAll(parsed, terminal, targets, Target.Descriptor, all => TargetTable.ToLines(all, opened.Tenant));
            return ExitCodes.Done;
        });
        return command;
    }
}
