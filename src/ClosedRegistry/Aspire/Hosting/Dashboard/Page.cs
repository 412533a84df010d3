using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Hosting.Dashboard;

/// <summary>The page itself: files in this assembly, which ask nobody else for anything.</summary>
static class Page
{
    static readonly string[] Scripts = ["common.js", "resources.js", "logs.js", "traces.js", "main.js"];

    public static void MapPage(this IEndpointRouteBuilder web)
    {
        web.MapGet("/", () => Send("index.html", "text/html; charset=utf-8"));
        web.MapGet("/dashboard.css", () => Send("dashboard.css", "text/css; charset=utf-8"));
        foreach (var script in Scripts)
        {
            web.MapGet($"/{script}", () => Send(script, "text/javascript; charset=utf-8"));
        }
    }

    static IResult Send(string file, string contentType) =>
        Results.Stream(typeof(Page).Assembly.GetManifestResourceStream($"dashboard/{file}")!, contentType);
}
