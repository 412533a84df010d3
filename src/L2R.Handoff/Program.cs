using L2R.Handoff.Api;
using L2R.Handoff.Messaging;
using L2R.Handoff.Storage;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Operations;
using L2R.Owners;
using L2R.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();      // telemetry, health, tokens, clock, gRPC policy
builder.AddPostgres("handoffdb");  // this service's own database
builder.AddMessaging(
    "handoff",
    publishes: [HandoffEventsReflection.Descriptor, LedgerEventsReflection.Descriptor],
    consumes: listener => listener.Hear<StagesChangedConsumer, StagesChanged>(),
    Subscriptions.All);
builder.AddOperations();           // queues, replay, readiness, retention
builder.Services.AddSingleton<ImportServer>();
builder.Services.AddSingleton<HandoffQueue>();
builder.Services.AddSingleton<HandoffStore>();
builder.Services.AddSingleton<RepStore>();

var app = builder.Build();

await app.MigrateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(OperationsSetup).Assembly, typeof(Program).Assembly);

app.MapDefaultEndpoints();
app.MapOperations();
app.MapGrpcService<HandoffApi>();

await app.RunAsync();
