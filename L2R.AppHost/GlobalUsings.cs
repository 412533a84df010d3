global using Aspire.Hosting;
global using Aspire.Hosting.ApplicationModel;

// File modes, signals and process groups.
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
