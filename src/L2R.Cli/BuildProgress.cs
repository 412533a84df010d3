using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace L2R.Cli;

/// <summary>Follows a <c>dotnet build</c> by what it prints: a line for each project that is done.</summary>
/// <param name="project">The full path of a project or a solution.</param>
sealed partial class BuildProgress(string project, TimeProvider clock)
{
    readonly long _start = clock.GetTimestamp();
    readonly Lock _lock = new();
    readonly HashSet<string> _done = [];
    readonly List<string> _rest = [];
    string _last = "";
    int _total;

    /// <summary>What it printed beside that: errors and warnings.</summary>
    public IReadOnlyList<string> Rest => _rest;

    /// <summary>The registry does not serve a package, or not in its version.</summary>
    public bool LacksPackage => _rest.Exists(MissingPattern().IsMatch);

    public WorkState State
    {
        get
        {
            lock (_lock)
            {
                var seconds = $"{clock.GetElapsedTime(_start).TotalSeconds:0} s";
                return _done.Count == 0
                    ? new($"restores packages, {seconds}", 0, 0, null)
                    : new($"projects built, the last {_last}, {seconds}", _done.Count, Math.Max(_total, _done.Count), null);
            }
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            if (DonePattern().Match(line) is not { Success: true } done)
            {
                _rest.Add(line);
                return;
            }
            // Restored by now, so that the stand-ins of a closed registry are known.
            _total = _done.Count == 0 ? FindProjects(project).Count : _total;
            _last = done.Groups[1].Value;
            _done.Add(_last);
        }
    }

    /// <summary>The names of the projects that are built with one.</summary>
    public static IReadOnlySet<string> FindProjects(string project)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Visit(project);
        return names;

        void Visit(string path)
        {
            var folder = Path.GetDirectoryName(path)!;
            var isSolution = path.EndsWith(".slnx", StringComparison.Ordinal);
            if (!File.Exists(path) || (!isSolution && !names.Add(Path.GetFileNameWithoutExtension(path))))
            {
                return;
            }
            var document = XDocument.Load(path);
            var references = isSolution
                ? document.Descendants("Project").Select(reference => (string?)reference.Attribute("Path"))
                : document.Descendants("ProjectReference").Select(reference => (string?)reference.Attribute("Include"));
            foreach (var reference in references.OfType<string>())
            {
                Visit(Path.GetFullPath(Path.Combine(folder, reference)));
            }
            names.UnionWith(Restored(Path.Combine(folder, "obj", "project.assets.json")));
        }
    }

    /// <summary>The projects among what a restore found.</summary>
    static IEnumerable<string> Restored(string assets)
    {
        if (!File.Exists(assets))
        {
            return [];
        }
        using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
        return
        [
            .. json.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "project")
                .Select(library => library.Name.Split('/')[0]),
        ];
    }

    // "  L2R.Ledger -> /home/ada/l2r/src/L2R.Ledger/bin/Release/net10.0/L2R.Ledger.dll"
    [GeneratedRegex(@"^\s+(\S+) -> ")]
    private static partial Regex DonePattern();

    [GeneratedRegex(": error NU110[123]: ")]
    private static partial Regex MissingPattern();
}
