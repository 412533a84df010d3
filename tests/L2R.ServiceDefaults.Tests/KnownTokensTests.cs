using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace L2R.ServiceDefaults.Tests;

public sealed class KnownTokensTests : IDisposable
{
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public async Task A_valid_token_is_not_checked_again()
    {
        using var tokens = new KnownTokens(TimeProvider.System);
        var token = Issue();

        Assert.True((await tokens.ValidateTokenAsync(token, SignedBy(_key))).IsValid);
        Assert.Equal("acme", (await tokens.ValidateTokenAsync(token, SignedBy(_other))).ClaimsIdentity.FindFirst("tenant")?.Value);
    }

    [Fact]
    public async Task A_token_that_was_refused_is_checked_again()
    {
        using var tokens = new KnownTokens(TimeProvider.System);
        var token = Issue();

        Assert.False((await tokens.ValidateTokenAsync(token, SignedBy(_other))).IsValid);
        Assert.True((await tokens.ValidateTokenAsync(token, SignedBy(_key))).IsValid);
    }

    [Fact]
    public async Task A_token_that_differs_in_its_signature_alone_is_another_one()
    {
        using var tokens = new KnownTokens(TimeProvider.System);
        var token = Issue();
        await tokens.ValidateTokenAsync(token, SignedBy(_key));

        Assert.False((await tokens.ValidateTokenAsync(token[..^10] + "AAAAAAAAAA", SignedBy(_key))).IsValid);
    }

    [Fact]
    public async Task A_token_is_forgotten_when_it_expires()
    {
        var clock = new SetClock { Now = TimeProvider.System.GetUtcNow() };
        using var tokens = new KnownTokens(clock);
        var token = Issue();
        await tokens.ValidateTokenAsync(token, SignedBy(_key));

        clock.Now += Lifetime;

        Assert.False((await tokens.ValidateTokenAsync(token, SignedBy(_other))).IsValid);
    }

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    string Issue() => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "l2r-dev",
        Audience = "l2r",
        Expires = (TimeProvider.System.GetUtcNow() + Lifetime).UtcDateTime,
        Claims = new Dictionary<string, object> { ["tenant"] = "acme" },
        SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256),
    });

    static TokenValidationParameters SignedBy(ECDsa key) => new()
    {
        ValidIssuer = "l2r-dev",
        ValidAudience = "l2r",
        IssuerSigningKey = new ECDsaSecurityKey(key),
    };

    sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
