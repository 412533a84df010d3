namespace L2R.AppHost;

/// <summary>Something must be installed first. The message says what, and how.</summary>
sealed class MissingSoftwareException(string message) : Exception(message);
