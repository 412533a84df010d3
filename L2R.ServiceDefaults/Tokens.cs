using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace L2R.ServiceDefaults;

/// <summary>Bearer tokens: who calls, for which tenant, in which roles.</summary>
/// <remarks>
/// <c>Authentication:Authority</c> names the OIDC issuer, whose keys are fetched from it. In Development
/// <c>Authentication:PublicKey</c> (an ECDSA P-256 key, PEM) and <c>Authentication:Issuer</c> stand in for it.
/// Failures answer in gRPC's own form, with details, before a service's code runs.
/// </remarks>
public static class Tokens
{
    const string Domain = "auth.l2r";

    public static IHostApplicationBuilder AddTokens(this IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Authentication");
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(jwt =>
        {
            jwt.TokenHandlers.Clear();
            jwt.TokenHandlers.Add(new KnownTokens(TimeProvider.System) { MapInboundClaims = false });
            jwt.Audience = section["Audience"] ?? "l2r";
            jwt.TokenValidationParameters.NameClaimType = "sub";
            jwt.TokenValidationParameters.RoleClaimType = "roles";
            jwt.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
            if (section["Authority"] is { Length: > 0 } authority)
            {
                jwt.Authority = authority;
                jwt.RequireHttpsMetadata = !builder.Environment.IsDevelopment();
            }
            else if (section["PublicKey"] is { Length: > 0 } pem)
            {
                jwt.TokenValidationParameters.ValidIssuer = section["Issuer"] ?? "l2r-dev";
                jwt.TokenValidationParameters.IssuerSigningKey = ReadKey(pem);
            }
            else
            {
                throw new InvalidOperationException(
                    "Neither Authentication:Authority (an OIDC issuer) nor Authentication:PublicKey (Development) is set.");
            }
            jwt.Events = new JwtBearerEvents
            {
                OnTokenValidated = context =>
                {
                    if (!Tenancy.IsValid(context.Principal?.FindFirst(Tenancy.TenantClaim)?.Value))
                    {
                        context.Fail("The token has no valid 'tenant' claim.");
                    }
                    return Task.CompletedTask;
                },
                OnChallenge = context =>
                {
                    context.HandleResponse();
                    if (context.AuthenticateFailure is { } failure)
                    {
                        var (cause, words) = Explain(failure);
                        return RefuseAsync(context.HttpContext, StatusCode.Unauthenticated, "TOKEN_INVALID",
                            $"The bearer token is not valid ({words}). Get a new one from your issuer; in Development: ./l2r token.",
                            ("cause", cause));
                    }
                    return RefuseAsync(context.HttpContext, StatusCode.Unauthenticated, "TOKEN_MISSING",
                        "Send the header 'authorization: Bearer <token>'. In Development ./l2r token issues one.");
                },
                OnForbidden = context =>
                {
                    var roles = RolesOf(context.HttpContext);
                    return RefuseAsync(context.HttpContext, StatusCode.PermissionDenied, "ROLE_MISSING",
                        $"This call needs one of the roles {roles}.", ("roles", roles));
                },
            };
        });
        // At start, not at the first call: an issuer without https, or none at all.
        builder.Services.AddOptionsWithValidateOnStart<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme);
        builder.Services.AddAuthorization();
        return builder;
    }

    static ECDsaSecurityKey ReadKey(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return new ECDsaSecurityKey(key);
    }

    static (string Cause, string Words) Explain(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => ("EXPIRED", "it has expired"),
        SecurityTokenInvalidAudienceException => ("AUDIENCE", "it is for another audience"),
        SecurityTokenInvalidIssuerException => ("ISSUER", "it is from another issuer"),
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException => ("SIGNATURE", "its signature does not verify"),
        AuthenticationFailureException => ("TENANT", failure.Message),
        SecurityTokenException or ArgumentException => ("UNREADABLE", "it cannot be read"),
        _ => ("OTHER", failure.Message),
    };

    /// <summary>Any one of these is enough; separated by commas. What the rpc asks for includes what its service asks for, and comes after it.</summary>
    static string RolesOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Roles).LastOrDefault(roles => roles is not null) ?? "";

    static Task RefuseAsync(HttpContext context, StatusCode code, string reason, string message, params (string Key, string Value)[] metadata)
    {
        if (GrpcAnswers.IsGrpc(context.Request))
        {
            return GrpcAnswers.RefuseAsync(context, code, Domain, reason, message, metadata);
        }
        context.Response.StatusCode = code == StatusCode.Unauthenticated ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new { reason, message }, context.RequestAborted);
    }
}
