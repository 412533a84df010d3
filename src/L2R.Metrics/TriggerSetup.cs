using L2R.Metrics.Storage;

namespace L2R.Metrics;

static class TriggerSetup
{
    /// <summary>Registers triggers and reviews: their stores, and the watch that looks at what is due.</summary>
    public static IHostApplicationBuilder AddTriggers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TriggerOptions>().BindConfiguration("Triggers").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<TriggerStore>();
        builder.Services.AddSingleton<TriggerWork>();
        builder.Services.AddSingleton<ReviewStore>();
        builder.Services.AddSingleton<AnnotationStore>();
        builder.Services.AddSingleton<TriggerRun>();
        builder.Services.AddHostedService<TriggerWatch>();
        return builder;
    }
}
