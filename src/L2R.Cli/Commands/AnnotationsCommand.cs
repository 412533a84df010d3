using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r annotations</c>: what people decided and activated, on the time axis.</summary>
static class AnnotationsCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var from = QuestionOptions.Create<Timestamp?>("--from", "INSTANT", "The first instant of the time in question. Since ever unless given", text => WaterfallQuestion.Instant(text));
        var to = QuestionOptions.Create<Timestamp?>("--to", "INSTANT", "The first instant after it. For ever unless given", text => WaterfallQuestion.Instant(text));
        var (output, gateway) = (new OutputOptions("Print the answer as JSON, each annotation on a line"), new GatewayOptions());
        var command = new Command("annotations", "List what was decided in reviews and which policies were activated, the oldest first") { from, to };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var listed = await opened.ListAsync(
                (client, token, options) => client.ListAnnotationsAsync(
                    new() { PageSize = MetricsCalls.PageSize, PageToken = token, StartTime = parsed.GetValue(from), EndTime = parsed.GetValue(to) }, options),
                page => (page.Annotations, page.NextPageToken),
                cancellationToken);
            output.PrintAll(parsed, terminal, listed, Annotation.Descriptor, shown => AnnotationText.ToLines(shown, opened.Tenant));
            return ExitCodes.Done;
        });
        return command;
    }
}
