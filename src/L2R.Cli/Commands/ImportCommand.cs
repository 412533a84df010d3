using System.CommandLine;
using L2R.Cli.Imports;
using L2R.Ledger.Domain;

namespace L2R.Cli.Commands;

/// <summary><c>l2r import</c>: history from a file.</summary>
static class ImportCommand
{
    static string Maps => $"one that ships with L2R ({string.Join(", ", ImportMap.Shipped)}), or the path of a mapping file";

    /// <summary>Below the help: what can be chosen, and where to read on.</summary>
    public static string More() => $"""
        Maps that ship with L2R:
        {string.Join(Environment.NewLine, ImportMap.Shipped.Select(name => $"  {name,-6} {ImportMap.Find(name).Description}"))}

        Stages: {string.Join(", ", Stages.Waterfall.Select(stage => stage.Name()))}
        Exits:  {string.Join(", ", Stages.Exits.Select(exit => exit.Name()))}

        docs/import-maps.md tells how to write a map for a file of your own.
        """;

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "A CSV file with a header, UTF-8" };
        var map = new Option<string>("--map")
        {
            HelpName = "MAP",
            Description = $"How columns become rows (required): {Maps}",
        };
        var gateway = new GatewayOptions();
        var source = new Option<string?>("--source")
        {
            HelpName = "NAME",
            Description = "The system that the history comes from, in kebab case; as the map says unless given",
        };
        source.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ImportMap.IsSource(token.Value))
            {
                result.AddError($"--source is in kebab case such as crm-eu, at most 63 characters; not '{token.Value}'");
            }
        });
        var touchpoints = new Option<bool>("--touchpoints")
        {
            Description = $"The file has past touches, not moves. --map is then one of touches, {string.Join(", ", ImportMap.ShippedOfTouches)} unless given; --source that of the leads' moves",
        };
        var correct = new Option<bool>("--correct")
        {
            Description = "Rows that are known with other content supersede what is known, instead of being rejected",
        };
        var batch = new Option<int>("--batch") { HelpName = "ROWS", Description = "Rows in one transaction, 1 to 500", DefaultValueFactory = _ => 500 };
        batch.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var rows) && rows is >= 1 and <= 500))
            {
                result.AddError("--batch is a number from 1 to 500");
            }
        });
        var dryRun = new Option<bool>("--dry-run") { Description = "Read and check the file, send nothing" };
        var noWait = new Option<bool>("--no-wait") { Description = "Return when everything is acknowledged, not when the ledger has it" };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON, with every rejected line" };
        var command = new Command("import", $"Take in history from a CSV file; safe to run again. Exit code {ExitCodes.Rejects} when lines were rejected")
        {
            file,
            map,
            source,
            touchpoints,
            correct,
            batch,
            dryRun,
            noWait,
            json,
        };
        gateway.AddTo(command);
        // Required by hand, to say what would do.
        command.Validators.Add(result =>
        {
            if (result.GetResult(map) is null && !result.GetValue(touchpoints))
            {
                result.AddError($"--map is required: {Maps}");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            if (parsed.GetValue(touchpoints))
            {
                var touchMap = ImportMap.Find(parsed.GetValue(map) ?? ImportMap.ShippedOfTouches[0], ofTouches: true);
                var touches = new TouchImport(terminal, isQuiet: parsed.GetValue(json), TimeProvider.System)
                {
                    File = parsed.GetRequiredValue(file),
                    Map = touchMap,
                    Source = parsed.GetValue(source) ?? touchMap.Source,
                    Correct = parsed.GetValue(correct),
                    BatchSize = parsed.GetValue(batch),
                };
                return parsed.GetValue(dryRun)
                    ? Task.FromResult(touches.Check())
                    : touches.RunAsync(() => gateway.Open(parsed, checkout), cancellationToken);
            }
            var chosen = ImportMap.Find(parsed.GetRequiredValue(map));
            var import = new Import(terminal, isQuiet: parsed.GetValue(json), TimeProvider.System)
            {
                File = parsed.GetRequiredValue(file),
                Map = chosen,
                Source = parsed.GetValue(source) ?? chosen.Source,
                Correct = parsed.GetValue(correct),
                BatchSize = parsed.GetValue(batch),
                WaitsForLedger = !parsed.GetValue(noWait),
            };
            return parsed.GetValue(dryRun)
                ? Task.FromResult(import.Check())
                : import.RunAsync(() => gateway.Open(parsed, checkout), cancellationToken);
        });
        return command;
    }
}
