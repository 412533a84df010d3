using Microsoft.Extensions.Configuration;

namespace Aspire;

static class ClientConfiguration
{
    /// <summary>The section, then its own part for the name, which wins.</summary>
    public static void Bind(IConfiguration configuration, string section, string name, object settings)
    {
        configuration.GetSection(section).Bind(settings);
        configuration.GetSection($"{section}:{name}").Bind(settings);
    }

    public static InvalidOperationException ConnectionStringMissing(string section, string name) => new(
        $"ConnectionString is missing. It should be provided in 'ConnectionStrings:{name}' or under the 'ConnectionString' key in '{section}' configuration section.");
}
