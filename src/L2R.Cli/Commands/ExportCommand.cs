using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Exports;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r export events</c>: the ledger as a log, for process mining and other programs.</summary>
static class ExportCommand
{
    static readonly Dictionary<string, string> Endings = new() { ["xes"] = "xes", ["ocel"] = "ocel.json", ["csv"] = "csv", ["jsonl"] = "jsonl" };

    public static Command Create(Checkout checkout, Terminal terminal) =>
        new("export", "Write the ledger into a file; every answer has --csv and --json besides") { Events(checkout, terminal) };

    static Command Events(Checkout checkout, Terminal terminal)
    {
        var format = QuestionOptions.Create<string?>(
            "--format", string.Join('|', Endings.Keys), "XES (IEEE 1849-2023), OCEL 2.0 as JSON, CSV, or a JSON object a line",
            text => Endings.ContainsKey(text) ? text : throw new FormatException($"{string.Join(", ", Endings.Keys)}; not '{text}'"));
        format.Required = true;
        var path = new Option<string?>("--out") { HelpName = "FILE", Description = "Complete, or not there. events.xes and so on unless given" };
        var superseded = new Option<bool>("--superseded") { Description = "Rows that were superseded or withdrawn too, for csv and jsonl" };
        var asOf = QuestionOptions.Create<Timestamp?>(
            "--as-of", "INSTANT", "What happened later is left out: an instant with its offset, or a day. Now unless given", text => WaterfallQuestion.Instant(text));
        var knownAt = QuestionOptions.Create<Timestamp?>(
            "--known-at", "INSTANT", "What the ledger learnt of later is left out. Now unless given", text => WaterfallQuestion.Instant(text));
        var from = QuestionOptions.Create<Timestamp?>("--from", "INSTANT", "The first instant of the time in question", text => WaterfallQuestion.Instant(text));
        var to = QuestionOptions.Create<Timestamp?>("--to", "INSTANT", "The first instant after it", text => WaterfallQuestion.Instant(text));
        var gateway = new GatewayOptions();
        var command = new Command("events", "Write every move of every journey, one event each") { format, path, superseded, asOf, knownAt, from, to };
        command.Validators.Add(result =>
        {
            if (result.GetValue(superseded) && result.GetValue(format) is "xes" or "ocel")
            {
                result.AddError("--superseded is for csv and jsonl: a process log has what counts");
            }
        });
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (kind, request) = (parsed.GetRequiredValue(format)!, new ExportTransitionsRequest
            {
                AsOf = parsed.GetValue(asOf),
                KnownAt = parsed.GetValue(knownAt),
                StartTime = parsed.GetValue(from),
                EndTime = parsed.GetValue(to),
                IncludeSuperseded = parsed.GetValue(superseded),
            });
            var file = parsed.GetValue(path) ?? $"events.{Endings[kind]}";
            using var opened = gateway.Open(parsed, checkout);
            var export = new EventExport(opened);
            try
            {
                var running = export.RunAsync(request, kind, file, cancellationToken);
                await new Terminal(parsed.InvocationConfiguration.Error, isTerminal: false).FollowAsync(() => export.State, running);
                var last = await running;
                terminal.Line($"{Words.Counted(export.Rows, "event")} of {Words.Counted(export.Journeys, "journey")} in {file}");
                terminal.Line(AnswerFooter.Of(last.AsOf, last.KnownAt));
                return ExitCodes.Done;
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw QuestionOptions.Explain(opened, exception);
            }
        });
        return command;
    }
}
