using System.Security.Cryptography;
using System.Text.Json;
using L2R.Cli.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace L2R.Cli.Tests;

public sealed class DevTokenTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Says_who_for_which_tenant_with_which_roles_and_until_when()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = DevToken.Issue(
            key.ExportPkcs8PrivateKeyPem(), "acme", ["sales", "revops", "sales"], "ada", TimeSpan.FromHours(2), new FixedClock(Noon));

        Assert.Equal("""{"alg":"ES256","typ":"JWT"}""", Base64UrlEncoder.Decode(token.Split('.')[0]));
        using var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]));
        var start = Noon.ToUnixTimeSeconds();
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["sub"] = "\"ada\"",
                ["tenant"] = "\"acme\"",
                ["roles"] = """["sales","revops"]""",
                ["iss"] = "\"l2r-dev\"",
                ["aud"] = "\"l2r\"",
                ["iat"] = $"{start}",
                ["nbf"] = $"{start}",
                ["exp"] = $"{start + 7_200}",
            },
            payload.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText()));

        var checkedBy = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false))),
            ValidIssuer = "l2r-dev",
            ValidAudience = "l2r",
            LifetimeValidator = (_, _, _, _) => true,
        });
        Assert.True(checkedBy.IsValid, checkedBy.Exception?.Message);
    }

    [Fact]
    public void One_role_is_a_list_too()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = DevToken.Issue(key.ExportPkcs8PrivateKeyPem(), "acme", ["sales"], "ada", TimeSpan.FromHours(2), new FixedClock(Noon));

        using var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]));
        Assert.Equal("""["sales"]""", payload.RootElement.GetProperty("roles").GetRawText());
    }

    sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
