using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Metrics;
using L2R.Metrics.Api;
using L2R.Metrics.Messaging;
using L2R.Metrics.Storage;
using L2R.Operations;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();      // telemetry, health, tokens, clock, gRPC policy
builder.AddPostgres("metricsdb");  // this service's own database
builder.AddMessaging(
    "metrics",
    publishes: [],
    consumes: listener => listener
        .Hear<StagesChangedConsumer, StagesChanged>()
        .Hear<LeadsChangedConsumer, LeadsChanged>()
        .Hear<LeadsMergedConsumer, LeadsMerged>()
        .Hear<ScoringPolicyActivatedConsumer, ScoringPolicyActivated>()
        .Hear<TouchpointsRecordedConsumer, TouchpointsRecorded>(),
    Subscriptions.All);
builder.AddOperations();           // queues, replay, readiness, retention
builder.Services.AddOptions<LedgerOptions>().BindConfiguration("Ledger").ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<LedgerOptions>>().Value);
builder.Services.AddSingleton<LedgerStore>();
builder.Services.AddOptions<QuestionOptions>().BindConfiguration("Questions").ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddSingleton(services => new QuestionTurns(services.GetRequiredService<IOptions<QuestionOptions>>().Value));
builder.Services.AddGrpc().AddServiceOptions<MetricsApi>(grpc => grpc.Interceptors.Add<QuestionGuard>());
builder.Services.AddSingleton<SettingsStore>();
builder.Services.AddSingleton<TargetStore>();
builder.AddTriggers();             // looks at what is due, opens reviews
builder.Services.AddSingleton<TouchStore>();
builder.Services.AddSingleton<SpendStore>();
builder.Services.AddSingleton<TransitionExport>();

var app = builder.Build();

await app.MigrateAsync(typeof(OutboxWriter).Assembly, typeof(OperationsSetup).Assembly, typeof(Program).Assembly);

app.MapDefaultEndpoints();
app.MapOperations();
app.MapGrpcService<MetricsApi>();

await app.RunAsync();
