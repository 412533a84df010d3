using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Operations;
using L2R.Opportunity.Api;
using L2R.Opportunity.Messaging;
using L2R.Opportunity.Storage;
using L2R.Opportunity.V1;
using L2R.Owners;
using L2R.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();           // telemetry, health, tokens, clock, gRPC policy
builder.AddPostgres("opportunitydb");   // this service's own database
builder.AddMessaging(
    "opportunity",
    publishes: [OpportunityEventsReflection.Descriptor, LedgerEventsReflection.Descriptor],
    consumes: listener => listener.Hear<StagesChangedConsumer, StagesChanged>(),
    Subscriptions.All);
builder.AddOperations();           // queues, replay, readiness, retention
builder.Services.AddSingleton<ImportServer>();
builder.Services.AddSingleton<DealStore>();
builder.Services.AddSingleton<DealImport>();

var app = builder.Build();

await app.MigrateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(OperationsSetup).Assembly, typeof(Program).Assembly);

app.MapDefaultEndpoints();
app.MapOperations();
app.MapGrpcService<OpportunityApi>();

await app.RunAsync();
