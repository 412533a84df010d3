using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace L2R.ServiceDefaults;

/// <summary>Validates each token once, and remembers for a while that it is valid: checking a signature costs as much as the rest of a short call.</summary>
/// <remarks>Only valid ones are remembered, at most until they expire. A key that its issuer withdraws counts here for a minute more.</remarks>
sealed class KnownTokens(TimeProvider clock) : JsonWebTokenHandler, IDisposable
{
    const int MostTokens = 10_000;

    static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostTokens });

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(token, out TokenValidationResult? known) && known!.SecurityToken.ValidTo > now.UtcDateTime)
        {
            return known;
        }
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid)
        {
            _known.Set(token, result, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });
        }
        return result;
    }

    public void Dispose() => _known.Dispose();
}
