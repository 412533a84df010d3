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

    static string Issue(ECDsa key, string tenant, TimeSpan lifetime, string[] roles)
    {
        var expires = TimeProvider.System.GetUtcNow().UtcDateTime + lifetime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = "l2r",
            NotBefore = expires.AddHours(-3),
            IssuedAt = expires.AddHours(-3),
            Expires = expires,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object> { ["sub"] = "tester", ["tenant"] = tenant, ["roles"] = roles },
        });
    }
}
