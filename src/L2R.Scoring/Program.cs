using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Operations;
using L2R.Owners;
using L2R.Scoring.Api;
using L2R.Scoring.Messaging;
using L2R.Scoring.Storage;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();      // telemetry, health, tokens, clock, gRPC policy
builder.AddPostgres("scoringdb");  // this service's own database
builder.AddMessaging(
    "scoring",
    publishes: [ScoringEventsReflection.Descriptor, LedgerEventsReflection.Descriptor],
    consumes: listener => listener
        .Hear<LeadsChangedConsumer, LeadsChanged>()
        .Hear<TouchpointsRecordedConsumer, TouchpointsRecorded>()
        .Hear<StagesChangedConsumer, StagesChanged>(),
    Subscriptions.All);
builder.AddOperations();           // queues, replay, readiness, retention
builder.Services.AddSingleton<ImportServer>();
builder.Services.AddSingleton<JourneyImport>();
builder.Services.AddSingleton<PolicyStore>();
builder.Services.AddSingleton<ScoreStore>();

var app = builder.Build();

await app.MigrateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(OperationsSetup).Assembly, typeof(Program).Assembly);

app.MapDefaultEndpoints();
app.MapOperations();
app.MapGrpcService<ScoringApi>();

await app.RunAsync();
