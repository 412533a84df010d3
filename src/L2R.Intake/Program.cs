using L2R.Intake.Api;
using L2R.Intake.Messaging;
using L2R.Intake.Storage;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Operations;
using L2R.Owners;
using L2R.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();      // telemetry, health, tokens, clock, gRPC policy
builder.AddPostgres("intakedb");   // this service's own database
builder.AddMessaging(
    "intake",
    publishes: [LeadEventsReflection.Descriptor, LedgerEventsReflection.Descriptor],
    consumes: listener => listener.Hear<StagesChangedConsumer, StagesChanged>(),
    Subscriptions.All);
builder.AddOperations();           // queues, replay, readiness, retention
builder.Services.AddSingleton<ImportServer>();
builder.Services.AddSingleton<NewLeads>();
builder.Services.AddSingleton<LeadStore>();
builder.Services.AddSingleton<LeadMerges>();
builder.Services.AddSingleton<LeadImport>();
builder.Services.AddSingleton<TouchpointStore>();
builder.Services.AddSingleton<TouchpointImport>();

var app = builder.Build();

await app.MigrateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(OperationsSetup).Assembly, typeof(Program).Assembly);

app.MapDefaultEndpoints();
app.MapOperations();
app.MapGrpcService<IntakeApi>();

await app.RunAsync();
