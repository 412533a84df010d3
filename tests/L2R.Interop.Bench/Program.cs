using System.Globalization;
using System.Net;
using System.Text.Json;
using L2R.Interop.Bench;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// serve:                                          says its address, serves until it is stopped
// load ADDRESS echo|stream SIZE IN-FLIGHT SECONDS: says a LoadResult as JSON
// soak ADDRESS CALLS-PER-SECOND MINUTES:          says a line each minute; fails if a call failed
if (args is ["load", var address, var kind, var size, var inFlight, var seconds])
{
    using var load = new Load(new Uri(address), kind == "stream", Number(size));
    await load.RunAsync(Number(inFlight), TimeSpan.FromSeconds(Number(seconds)) / 4); // compiled and connected from here on
    Console.WriteLine(JsonSerializer.Serialize(await load.RunAsync(Number(inFlight), TimeSpan.FromSeconds(Number(seconds))), JsonSerializerOptions.Web));
    return 0;
}
if (args is ["soak", var soaked, var perSecond, var minutes])
{
    using var soak = new Soak(new Uri(soaked), Number(perSecond), Console.Out);
    return await soak.RunAsync(TimeSpan.FromMinutes(Number(minutes))) == 0 ? 0 : 1;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
builder.Services.AddSingleton<Bench>();
var app = builder.Build();
app.MapGrpcService<Bench>();
await app.StartAsync();
Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
await app.WaitForShutdownAsync();
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
