using System.Globalization;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace L2R.Cli.Tokens;

/// <summary>Bearer tokens for a stack on a developer's machine. In production an identity provider issues them.</summary>
static class DevToken
{
    public const string Issuer = "l2r-dev";
    public const string Audience = "l2r";

    public static string[] Roles { get; } = ["marketing", "sales", "revops", "admin", "service", "operator"];

    /// <summary>Issues a JWT (ES256) with the claims <c>sub</c>, <c>tenant</c> and <c>roles</c>, valid from now.</summary>
    /// <param name="privateKey">The ECDSA P-256 key in PEM.</param>
    public static string Issue(
        string privateKey, string tenant, IReadOnlyList<string> roles, string subject, TimeSpan lifetime, TimeProvider clock)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKey);
        var now = clock.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["tenant"] = tenant, ["roles"] = roles.Distinct().ToArray() },
            SigningCredentials = new SigningCredentials(
                // The key lives only in this method: a provider kept in the process-wide cache would outlive it.
                new ECDsaSecurityKey(key) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
                SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Issues a token of the checkout's own key.</summary>
    /// <exception cref="CommandFailedException">There is no key yet.</exception>
    public static string IssueForCheckout(
        Checkout checkout, string tenant, IReadOnlyList<string> roles, string subject, TimeSpan lifetime, TimeProvider clock) =>
        File.Exists(checkout.DevSigningKey)
            ? Issue(File.ReadAllText(checkout.DevSigningKey), tenant, roles, subject, lifetime, clock)
            : throw new CommandFailedException($"There is no {checkout.Relative(checkout.DevSigningKey)} yet: the first ./l2r up makes it.");

    /// <summary>The tenant that a token names, unchecked; null where it is no token that we can read.</summary>
    public static string? TenantOf(string token)
    {
        var handler = new JsonWebTokenHandler();
        return handler.CanReadToken(token) && handler.ReadJsonWebToken(token).TryGetPayloadValue<string>("tenant", out var tenant) ? tenant : null;
    }

    /// <summary>Reads a lifetime such as <c>30m</c>, <c>12h</c> or <c>7d</c>: from 1 second to 3,650 days.</summary>
    public static bool TryParseLifetime(string text, out TimeSpan lifetime)
    {
        lifetime = default;
        var unit = text.LastOrDefault() switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        if (unit == 0 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        lifetime = TimeSpan.FromSeconds((long)count * unit);
        return lifetime > TimeSpan.Zero && lifetime <= TimeSpan.FromDays(3_650);
    }
}
