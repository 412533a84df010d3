using System.Reflection;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>What is run as processes, as built with these tests.</summary>
static class Programs
{
    static readonly string Configuration = typeof(Programs).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    public static string AppHost { get; } = Find("L2R.AppHost", "L2R.AppHost.dll");

    public static string Cli { get; } = Find(Path.Combine("src", "L2R.Cli"), "L2R.Cli.dll");

    static string Find(string project, string assembly) => Path.Combine(Repository.Root, project, "bin", Configuration, "net10.0", assembly);
}
