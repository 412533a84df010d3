using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r targets</c>: what the pairs of stages aim at.</summary>
static class TargetsCommand
{
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
        var command = new Command("targets", "List the targets; suggest, create, update and delete them")
        {
            DiagnosisCommands.SuggestTargets(checkout, terminal),
            TargetChanges.Create(checkout, terminal),
            TargetChanges.Update(checkout, terminal),
            TargetChanges.Delete(checkout, terminal),
            at,
        };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var targets = await opened.ListAsync(
                (client, token, options) => client.ListTargetsAsync(
                    new() { PageSize = MetricsCalls.PageSize, PageToken = token, InForceAt = parsed.GetValue(at) }, options),
                page => (page.Targets, page.NextPageToken),
                cancellationToken);
            output.PrintAll(parsed, terminal, targets, Target.Descriptor, all => TargetTable.ToLines(all, opened.Tenant));
            return ExitCodes.Done;
        });
        return command;
    }
}
