using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Dashboard;

/// <summary>Lets in who has the token: by <c>/login?t=…</c> once, by a cookie from then on. Services come with the key of this run.</summary>
sealed class DashboardDoor(DashboardSettings settings)
{
    const string CookiePrefix = "aspire-dashboard-";
    static readonly TimeSpan CookieAge = TimeSpan.FromDays(30);

    // Cookies go to every port of a host: this one says nothing about the token to another server on this machine.
    readonly string _cookie = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(settings.BrowserToken), "cookie"u8));

    public async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        if (request.Path.StartsWithSegments("/v1"))
        {
            await (Equal(request.Headers[DashboardSettings.ApiKeyHeader], settings.OtlpApiKey)
                ? next(context)
                : RefuseAsync(response, StatusCodes.Status401Unauthorized, $"The header {DashboardSettings.ApiKeyHeader} is missing or wrong."));
        }
        else if (request.Path == "/login")
        {
            await LogInAsync(request, response);
        }
        else if (!Equal(request.Cookies[CookieName(request)], _cookie))
        {
            await RefuseAsync(response, StatusCodes.Status401Unauthorized, "Please open the address that was printed at the start: it has the token in it.");
        }
        else if (!HttpMethods.IsGet(request.Method) && request.Headers.Origin != $"{request.Scheme}://{request.Host}")
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, "Only the dashboard's own page may do this.");
        }
        else
        {
            await next(context);
        }
    }

    Task LogInAsync(HttpRequest request, HttpResponse response)
    {
        if (!Equal(request.Query["t"], settings.BrowserToken))
        {
            return RefuseAsync(response, StatusCodes.Status401Unauthorized, "The token is wrong. Please open the address that was printed at the start.");
        }
        response.Cookies.Append(
            CookieName(request), _cookie, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, MaxAge = CookieAge, Path = "/" });
        response.Redirect("/");
        return Task.CompletedTask;
    }

    // Several dashboards may run on one machine.
    static string CookieName(HttpRequest request) => $"{CookiePrefix}{request.Host.Port}";

    static bool Equal(string? given, string wanted) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(wanted));

    static Task RefuseAsync(HttpResponse response, int status, string sentence)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(sentence, response.HttpContext.RequestAborted);
    }
}
