using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace L2R.TestSupport;

/// <summary>Bearer tokens of a key that lives as long as the test run.</summary>
public static class TestTokens
{
    public const string Issuer = "l2r-test";

    static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    static readonly ECDsa OtherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PEM, for <c>Authentication:PublicKey</c>.</summary>
    public static string PublicKey { get; } = Key.ExportSubjectPublicKeyInfoPem();

    public static string Issue(string tenant, params string[] roles) => Issue(Key, tenant, TimeSpan.FromHours(1), roles);

    /// <summary>Expired an hour ago.</summary>
    public static string Expired(string tenant, params string[] roles) => Issue(Key, tenant, TimeSpan.FromHours(-1), roles);

    /// <summary>Signed by somebody else.</summary>
    public static string Forged(string tenant, params string[] roles) => Issue(OtherKey, tenant, TimeSpan.FromHours(1), roles);

    /// <summary>Made for another service than L2R.</summary>
    public static string ForOthers(string tenant, params string[] roles) => Issue(Key, tenant, TimeSpan.FromHours(1), roles, audience: "others");

    /// <summary>Made by another issuer, with the right key.</summary>
    public static string ByOthers(string tenant, params string[] roles) => Issue(Key, tenant, TimeSpan.FromHours(1), roles, issuer: "others");

    /// <summary>The public key as an OIDC issuer publishes it.</summary>
    public static JsonWebKey PublicJsonWebKey()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(PublicKey);
        return JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(key));
    }

    static string Issue(ECDsa key, string tenant, TimeSpan lifetime, string[] roles, string issuer = Issuer, string audience = "l2r")
    {
        var expires = TimeProvider.System.GetUtcNow().UtcDateTime + lifetime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = expires.AddHours(-3),
            IssuedAt = expires.AddHours(-3),
            Expires = expires,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object> { ["sub"] = "tester", ["tenant"] = tenant, ["roles"] = roles },
        });
    }
}
