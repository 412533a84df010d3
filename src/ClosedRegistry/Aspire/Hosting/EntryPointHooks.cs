using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Lets a test stand between an AppHost's program and the application that it builds. They go with the program's own flow.</summary>
/// <param name="constructing">Changes the options of the builder.</param>
/// <param name="building">The builder is complete; the program goes on when this returns.</param>
/// <param name="built">The program starts the application next.</param>
sealed class EntryPointHooks(
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> constructing,
    Action<DistributedApplicationBuilder> building,
    Action<DistributedApplication> built)
{
    static readonly AsyncLocal<EntryPointHooks?> Slot = new();

    public static EntryPointHooks? Current
    {
        get => Slot.Value;
        set => Slot.Value = value;
    }

    public Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Constructing { get; } = constructing;

    public Action<DistributedApplicationBuilder> Building { get; } = building;

    public Action<DistributedApplication> Built { get; } = built;
}
