using System.CommandLine;
using System.Text.RegularExpressions;

namespace L2R.Cli.Commands;

/// <summary>The option <c>--tenant</c>.</summary>
static partial class TenantOption
{
    public static Option<string> Create(string description)
    {
        var option = new Option<string>("--tenant") { Description = description, HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Pattern().IsMatch(token.Value))
            {
                result.AddError(
                    $"--tenant is 1 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit; not '{token.Value}'");
            }
        });
        return option;
    }

    // The services take no other (L2R.ServiceDefaults/Tenancy.cs).
    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\z")]
    private static partial Regex Pattern();
}
